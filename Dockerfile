FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY pyproject.toml requirements.lock README.md LICENSE ./
RUN /venv/bin/pip install --no-cache-dir -c requirements.lock .

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TENSEGRITY_MODE=production \
    TENSEGRITY_DATA_DIR=/data \
    TENSEGRITY_STATIC_ROOT=/app/static-collected
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /data --create-home tensegrity
COPY --from=build /venv /venv
COPY . .
# The key is used for nothing but this command; the running program insists on one of its own.
RUN TENSEGRITY_SECRET_KEY=only-to-collect-the-static-files-with TENSEGRITY_ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --no-input --verbosity 0
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--no-proxy-headers", "--timeout-graceful-shutdown", "3", "--no-access-log"]
