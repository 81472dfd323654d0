# The answer as a Rack application, for Puma and Unicorn.
require 'rack'

run lambda { |env|
  env['rack.input'].read
  sleep Rack::Utils.parse_query(env['QUERY_STRING'])['sleep'].to_f
  line = "gen=#{ENV.fetch('SERVER_STARTER_GENERATION', 0)} pid=#{$$}\n"
  [200, { 'Content-Type' => 'text/plain', 'Content-Length' => line.size.to_s }, [line]]
}
