# docker build -t darkroom . && docker run -p 127.0.0.1:8000:8000 -v darkroom:/data darkroom

FROM python:3.12-slim-bookworm AS builder

WORKDIR /build

# An environment without pip, which the image has no use for.
RUN python -m venv --without-pip /opt/darkroom

COPY requirements.lock ./
RUN pip --python /opt/darkroom/bin/python install --require-hashes -r requirements.lock

# What the wheel is built with, by the hashes of the lock as well.
COPY requirements-test.lock ./
RUN awk '/^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/,!/\\$/' requirements-test.lock > build.lock
RUN pip install --require-hashes -r build.lock

COPY LICENSE README.md darkroom.py pyproject.toml ./
COPY domain domain
COPY gql gql
COPY infrastructure infrastructure
COPY static static
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist .
RUN pip --python /opt/darkroom/bin/python install --no-deps --no-index dist/darkroom-*.whl


FROM python:3.12-slim-bookworm

# The official image has no bytecode, and whoever runs here may write none: without, every start and
# every health check would compile the standard library again.
RUN python -m compileall -q -x '/(ensurepip|idlelib|lib2to3|site-packages|tests?|turtledemo)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

COPY --from=builder /opt/darkroom /opt/darkroom
RUN install -d -m 700 -o 10001 -g 10001 /data

ENV PATH=/opt/darkroom/bin:$PATH \
    DARKROOM_DATA=/data \
    DARKROOM_HOST=0.0.0.0 \
    DARKROOM_PORT=8000

USER 10001:10001
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys\n\
connection = http.client.HTTPConnection('127.0.0.1', os.environ['DARKROOM_PORT'], timeout=4)\n\
connection.request('GET', '/health/live')\n\
sys.exit(connection.getresponse().status != 200)"]

# No init process: Darkroom handles this signal itself and starts no processes that it could leave behind.
STOPSIGNAL SIGTERM
ENTRYPOINT ["darkroom"]
CMD ["serve"]
