# Answers every request with "gen=3 pid=4711"; "?sleep=0.5" takes that long.
# For plackup -s Starlet, starman and the like.
use strict;
use warnings;

my $app = sub {
    my $env = shift;
    if (($env->{QUERY_STRING} // '') =~ /\bsleep=([0-9.]+)/) {
        select undef, undef, undef, $1;
    }
    my $line = sprintf "gen=%s pid=%d\n", $ENV{SERVER_STARTER_GENERATION} // 0, $$;
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $line], [$line]];
};
