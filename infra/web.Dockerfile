# The catalogue page and the API. From the repository's root:
#   docker build -f infra/web.Dockerfile -t openmu-web .
# Listens on 8080. Runs with a read-only root: docker run --read-only --tmpfs /tmp -p 8080:8080 openmu-web
# infra/pin-images.sh puts the digests of today into the two lines below.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra

FROM $SDK AS build
WORKDIR /repository
# Packages first: while none changes, this layer is not made again.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY .config .config
COPY src/Sentences.props src/
COPY src/OpenMU.Music/OpenMU.Music.csproj src/OpenMU.Music/
COPY src/OpenMU.Catalogue/OpenMU.Catalogue.csproj src/OpenMU.Catalogue/
COPY src/OpenMU.ServiceDefaults/OpenMU.ServiceDefaults.csproj src/OpenMU.ServiceDefaults/
COPY src/OpenMU.Web/OpenMU.Web.csproj src/OpenMU.Web/
RUN dotnet tool restore && dotnet restore src/OpenMU.Web -r linux-x64 -p:PublishReadyToRun=true
COPY src src
# SqlClient refuses to open a connection in globalisation-invariant mode, so the published program is not in it.
RUN dotnet publish src/OpenMU.Web -c Release -r linux-x64 --no-self-contained --no-restore -o /app -p:PublishReadyToRun=true \
    # Microsoft's broker of sign-ins on a desktop; a managed identity needs none.
    && rm -f /app/libmsalruntime.so
# What is in it, for whoever must know.
RUN dotnet CycloneDX src/OpenMU.Web/OpenMU.Web.csproj --disable-package-restore --exclude-dev -F Json -o /app -fn sbom.json

# No shell, no package manager, not root; "extra" is ICU and time zones, which SqlClient needs.
FROM $RUNTIME
ENV DOTNET_EnableDiagnostics=0
WORKDIR /app
COPY --from=build /app ./
EXPOSE 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "OpenMU.Web.dll"]
