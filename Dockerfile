# syntax=docker/dockerfile:1
#
#   docker build -t automl .                                         for processors
#   docker build -t automl:gpu --build-arg TENSORFLOW='tensorflow[and-cuda]' .
#   docker run --rm --user "$(id -u)" -v "$PWD:/home/automl/files" automl search --data images/
#   docker run --rm --gpus all -v "$PWD:/home/automl/files" automl:gpu doctor

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-deps --wheel-dir /wheels .

FROM python:${PYTHON}-slim
# Without `video`, whose FFmpeg has parts under the GPL; `cluster` and the trackers are
# for those who have such a thing: --build-arg EXTRAS=...
ARG EXTRAS=audio,litert,medical,onnx,serve
# `tensorflow[and-cuda]` brings NVIDIA's libraries; the driver is the machine's.
ARG TENSORFLOW=tensorflow
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir "$(echo /wheels/*.whl)[${EXTRAS}]" "${TENSORFLOW}"
RUN useradd --create-home --uid 1000 automl
USER 1000
WORKDIR /home/automl/files
ENTRYPOINT ["automl"]
CMD ["--help"]
