# The answer as Twiggy's users write it: nothing blocks its one process.
use strict;
use warnings;
use AnyEvent;

my $app = sub {
    my $env = shift;
    my ($seconds) = ($env->{QUERY_STRING} // '') =~ /\bsleep=([0-9.]+)/;
    my $line = sprintf "gen=%s pid=%d\n", $ENV{SERVER_STARTER_GENERATION} // 0, $$;
    my $answer = [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $line], [$line]];
    return sub {
        my $respond = shift;
        my $timer; $timer = AE::timer $seconds // 0, 0, sub { undef $timer; $respond->($answer) };
    };
};
