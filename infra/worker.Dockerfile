# The worker. From the repository's root:
#   docker build -f infra/worker.Dockerfile -t openmu-worker .                          libtorch for CPU
#   docker build -f infra/worker.Dockerfile -t openmu-worker --build-arg CUDA=true .    libtorch for NVIDIA GPUs
# Runs with a read-only root: docker run --read-only --tmpfs /tmp openmu-worker
# infra/pin-images.sh puts the digests of today into the two lines below.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble
ARG CUDA=false

# A decoder of 7 MB; the distribution's own brings 198 packages. Its source, with its patches, checked by its package manager.
FROM $RUNTIME AS ffmpeg
RUN find /etc/apt -name '*.sources' -exec sed -i 's/^Types: deb$/Types: deb deb-src/' {} + \
    && { [ ! -s /etc/apt/sources.list ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >/etc/apt/sources.list.d/source.list; } \
    && apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make nasm dpkg-dev
WORKDIR /source
RUN apt-get source ffmpeg
COPY infra/minimal-ffmpeg.sh /
RUN /minimal-ffmpeg.sh "$(find /source -mindepth 1 -maxdepth 1 -type d)" /ffmpeg

FROM $SDK AS build
ARG CUDA
WORKDIR /repository
# Packages first: while none changes, this layer is not made again.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY .config .config
COPY src/Torch.props src/Sentences.props src/
COPY src/OpenMU.Music/OpenMU.Music.csproj src/OpenMU.Music/
COPY src/OpenMU.Mir/OpenMU.Mir.csproj src/OpenMU.Mir/
COPY src/OpenMU.Model/OpenMU.Model.csproj src/OpenMU.Model/
COPY src/OpenMU.Catalogue/OpenMU.Catalogue.csproj src/OpenMU.Catalogue/
COPY src/OpenMU.ServiceDefaults/OpenMU.ServiceDefaults.csproj src/OpenMU.ServiceDefaults/
COPY src/OpenMU.Worker/OpenMU.Worker.csproj src/OpenMU.Worker/
RUN dotnet tool restore && dotnet restore src/OpenMU.Worker -r linux-x64 -p:Cuda=$CUDA -p:PublishReadyToRun=true
COPY src src
# SqlClient refuses to open a connection in globalisation-invariant mode, so the published program is not in it. Compiled
# ahead of time, a worker that starts need not compile while tracks wait.
RUN dotnet publish src/OpenMU.Worker -c Release -r linux-x64 --no-self-contained --no-restore -o /app -p:Cuda=$CUDA -p:PublishReadyToRun=true \
    # Microsoft's broker of sign-ins on a desktop; a managed identity needs none.
    && rm -f /app/libmsalruntime.so
# What is in it, for whoever must know: CycloneDX for the .NET packages; the image has its own list of Debian's.
RUN dotnet CycloneDX src/OpenMU.Worker/OpenMU.Worker.csproj --disable-package-restore --exclude-dev -F Json -o /app -fn sbom.json

# One base for both kinds: the CUDA libraries come with libtorch's package, and the driver from the machine that runs the container.
# With ASP.NET Core, which answers the health probes.
FROM $RUNTIME
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
# What NVIDIA's container runtime looks for; without a GPU they mean nothing.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
# No diagnostic sockets in a read-only root.
ENV DOTNET_EnableDiagnostics=0
WORKDIR /app
COPY --from=ffmpeg /ffmpeg/bin /usr/local/bin/
COPY --from=build /app ./
# The model is not in it: a worker fetches that from the container of models (Worker__model).
USER $APP_UID
ENTRYPOINT ["dotnet", "OpenMU.Worker.dll"]
