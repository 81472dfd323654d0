// A Node server on each descriptor of LISTEN_FDS.
'use strict';

const http = require('node:http');

const line = `gen=${process.env.SERVER_STARTER_GENERATION ?? 0} pid=${process.pid}\n`;
let draining = false;

const servers = Array.from({ length: Number(process.env.LISTEN_FDS) }, (_, i) => {
  const server = http.createServer((req, res) => {
    const seconds = Number(new URL(req.url, 'http://localhost').searchParams.get('sleep'));
    req.resume().on('end', () => setTimeout(() => {
      if (draining) res.setHeader('Connection', 'close');
      res.end(line);
    }, seconds * 1000));
  });
  return server.listen({ fd: 3 + i });
});

// close() ends kept connections at once, also those on which a request is under
// way: so let the clients close them first.
process.on('SIGTERM', () => {
  draining = true;
  setTimeout(() => servers.forEach((server) => server.close()), 1000);
});
