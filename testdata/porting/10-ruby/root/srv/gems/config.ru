require 'etc'

is = format('gems release=%s user=%s:%s dir=%s env=%s', File.read('RELEASE').chomp,
            Etc.getpwuid(Process.euid).name, Etc.getgrgid(Process.egid).name, Dir.pwd, ENV['RACK_ENV'])

run lambda { |_env|
  body = "gen=#{ENV.fetch('SERVER_STARTER_GENERATION', 0)} pid=#{$$}\n#{is}\n"
  [200, { 'Content-Type' => 'text/plain', 'Content-Length' => body.size.to_s }, [body]]
}
