using Microsoft.Azure.Functions.Worker.Builder;
using OpenMU.Catalogue;
using OpenMU.Functions;
using OpenMU.ServiceDefaults;

// The function app. Environment variables say where things are: Catalogue__*, Storage__*, Ingest__*.
return await ServiceDefaultsExtensions.RunProgramAsync(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.Services.AddCatalogue(builder.Configuration).AddIngest(builder.Configuration);
    return builder.Build();
});
