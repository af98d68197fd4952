# The worker. From the repository's root:
#   docker build -f infra/worker.Dockerfile -t openmu-worker .                          libtorch for CPU
#   docker build -f infra/worker.Dockerfile -t openmu-worker --build-arg CUDA=true .    libtorch for NVIDIA GPUs
# Runs with a read-only root: docker run --read-only --tmpfs /tmp openmu-worker
ARG CUDA=false

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG CUDA
WORKDIR /repository
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
# SqlClient refuses to open a connection in globalisation-invariant mode, so the published program is not in it.
RUN dotnet publish src/OpenMU.Worker -c Release -r linux-x64 --no-self-contained -o /app -p:Cuda=$CUDA -p:InvariantGlobalization=false

# One base for both kinds: the CUDA libraries come with libtorch's package, and the driver from the machine that runs the container.
# With ASP.NET Core, which answers the health probes.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg libgomp1 \
    && rm -rf /var/lib/apt/lists/*
# What NVIDIA's container runtime looks for; without a GPU they mean nothing.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
# No diagnostic sockets in a read-only root.
ENV DOTNET_EnableDiagnostics=0
WORKDIR /app
COPY --from=build /app ./
# The model that ships. The worker listens with it when Worker__ModelFolder names it: models/openmu-tiny.
COPY models models
USER $APP_UID
ENTRYPOINT ["dotnet", "OpenMU.Worker.dll"]
