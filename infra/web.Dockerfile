# The catalogue page and the API. From the repository's root:
#   docker build -f infra/web.Dockerfile -t openmu-web .
# Listens on 8080. Runs with a read-only root: docker run --read-only --tmpfs /tmp -p 8080:8080 openmu-web
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /repository
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
# SqlClient refuses to open a connection in globalisation-invariant mode, so the published program is not in it.
RUN dotnet publish src/OpenMU.Web -c Release -r linux-x64 --no-self-contained -o /app -p:InvariantGlobalization=false

# No shell, no package manager, not root; "extra" is ICU and time zones, which SqlClient needs.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
ENV DOTNET_EnableDiagnostics=0
WORKDIR /app
COPY --from=build /app ./
EXPOSE 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "OpenMU.Web.dll"]
