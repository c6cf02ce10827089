# Kentongan in a container: one process, one volume (/data), no root.
#   docker build -t kentongan . && docker run -it -v kentongan:/data kentongan init
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/kentongan \
 && /opt/kentongan/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home kentongan
COPY --from=build /opt/kentongan /opt/kentongan
ENV PATH=/opt/kentongan/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KENTONGAN_WEB_HOST=0.0.0.0
USER kentongan
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["kentongan"]
CMD ["run"]
