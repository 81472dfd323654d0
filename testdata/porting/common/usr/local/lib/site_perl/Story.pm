# Answers who and where the application is. The release is RELEASE's, of the
# environment or else of the file in the directory.
package Story;
use strict;
use warnings;
use Cwd ();

sub app {
    my ($name) = @_;
    my $release = $ENV{RELEASE} // do { open my $file, '<', 'RELEASE' or die "RELEASE: $!"; <$file> };
    chomp $release;
    my $is = sprintf '%s release=%s user=%s:%s dir=%s env=%s', $name, $release,
        scalar getpwuid $>, scalar getgrgid $) + 0, Cwd::getcwd(), $ENV{PLACK_ENV} // '';
    return sub {
        my $env = shift;
        select undef, undef, undef, $1 if $env->{QUERY_STRING} =~ /\bsleep=([0-9.]+)/;
        my $body = sprintf "gen=%s pid=%d\n%s\n", $ENV{SERVER_STARTER_GENERATION} // 0, $$, $is;
        return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $body], [$body]];
    };
}

1;
