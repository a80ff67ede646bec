# The image of one version: web, workers, scheduler and migrations are the same image with another
# command. Its services are outside; see docs/configuration.md for what must be set.
#
#   docker build -t anythingyouwantt .
#   … python -m app migrate | python -m app worker mail | python -m app scheduler | (nothing: the web)

FROM python:3.11-slim-bookworm AS packages
WORKDIR /srv
COPY deploy/requirements/ deploy/requirements/
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
      -r deploy/requirements/bootstrap.txt \
 && python -m venv --without-pip .venv \
 && /opt/tools/bin/uv pip sync --no-cache --python .venv/bin/python --require-hashes \
      --compile-bytecode deploy/requirements/serve.txt

# The pages are built as `make up` builds them, with the Node of the same lock file.
FROM packages AS pages
RUN /opt/tools/bin/uv pip sync --no-cache --python .venv/bin/python --require-hashes \
      deploy/requirements/run.txt
COPY . .
# What ends up in the pages. With https the page takes host and port from its own address, so one
# image serves any address; over plain http the port must be the one given here.
ARG APP_PORT=8000
ARG PUBLIC_CATALOGUE=true
ARG FEATURE_FLAGS=
RUN APP_ENV=local APP_PORT="$APP_PORT" PUBLIC_CATALOGUE="$PUBLIC_CATALOGUE" \
    FEATURE_FLAGS="$FEATURE_FLAGS" \
    .venv/bin/python -m app pages /srv/pages

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin app
WORKDIR /srv
COPY --from=packages /srv/.venv .venv
COPY . .
COPY --from=pages /srv/pages pages
ENV PATH=/srv/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    APP_ENV=prod \
    REFLEX_WEB_WORKDIR=/srv/pages \
    REFLEX_STATES_WORKDIR=/tmp/states
USER app
EXPOSE 8000
# For the web; whoever starts a worker or the scheduler switches it off (`--no-healthcheck`).
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", \
  "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('APP_PORT', '8000')}/health\", timeout=2)"]
CMD ["python", "-m", "app.serve"]
