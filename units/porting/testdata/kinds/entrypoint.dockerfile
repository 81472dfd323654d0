FROM perl:5.30
ENV APP_HOME=/app PATH=/app/bin:$PATH
WORKDIR $APP_HOME
USER app
ENTRYPOINT ["carton", "exec", "--"]
CMD ["start_server", "--port=5000", "--", "plackup", "-s", "Starlet", "app.psgi"]

FROM perl:5.30
WORKDIR /srv
ENTRYPOINT ["start_server", "--port", "5001", "--"]
CMD ["starman", "app.psgi"]
