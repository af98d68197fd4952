using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue;
using OpenMU.Functions;
using OpenMU.ServiceDefaults;

// The function app. Environment variables say where things are: Catalogue__*, Storage__*, Ingest__*.
return await ServiceDefaultsExtensions.RunProgramAsync(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    // The host then leaves the function app's logs and traces to the app.
    if (builder.Configuration.Exports()) builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
    builder.Services.AddCatalogue(builder.Configuration, isSearched: false).AddIngest(builder.Configuration);
    return builder.Build();
});
