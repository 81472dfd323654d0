# Stands in for Server::Starter in its own tests: each function becomes a command
# line of the start_server in $ENV{START_SERVER}, so that any implementation can
# be put to them.
package Server::Starter;

use strict;
use warnings;

use Exporter qw(import);
use Text::ParseWords qw(shellwords);

# prove's -I is inherited, and a start_server in Perl would load this very file.
$ENV{PERL5LIB} = $ENV{CALLER_PERL5LIB} // '';

our @EXPORT_OK = qw(start_server restart_server stop_server server_ports);

# Becomes the supervisor: the caller's pid is the one that tests send signals to.
sub start_server {
    my %option  = @_;
    my $command = delete $option{exec};

    # The module can do without a log, the command line insists on one.
    $option{log_file} //= '/dev/null' if $option{daemonize};
    exec _command(%option), '--', @$command or die "cannot run $ENV{START_SERVER}: $!";
}

sub restart_server { _run('restart', @_) }

sub stop_server { _run('stop', @_) }

sub server_ports {
    return { map { split /=/, $_, 2 } split /;/, $ENV{SERVER_STARTER_PORT} };
}

sub _run {
    my ($verb, %option) = @_;
    local $?;    # it is called while a test's exit status stands
    system(_command(%option), "--$verb") == 0 or die "--$verb failed: $?";
}

sub _command {
    my %option = @_;
    return shellwords($ENV{START_SERVER}), map { _words($_, $option{$_}) } sort keys %option;
}

# The words of one option: a list is given once for each of its elements.
sub _words {
    my ($name, $value) = @_;
    (my $flag = "--$name") =~ tr/_/-/;
    return $value ? $flag : () if $name eq 'daemonize' || $name eq 'enable_auto_restart';
    return map { "$flag=$_" } grep { defined } ref $value ? @$value : $value;
}

1;
