execute "start" do
  command "cd <%= @home %> && carton exec -- start_server --port=#{node.port} --path={{ sock }} -- plackup -E #{env} app.psgi"
end
