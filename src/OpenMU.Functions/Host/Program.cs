using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenMU.Catalogue;
using OpenMU.Functions;

var builder = FunctionsApplication.CreateBuilder(args);
var settings = builder.Configuration;
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(settings.GetSection("Ingest").Get<IngestOptions>() ?? new IngestOptions());
builder.Services.AddSingleton((settings.GetSection("Storage").Get<StorageSettings>() ?? new StorageSettings()).Open());
builder.Services.AddSingleton<IDbContextFactory<CatalogueDb>>(new CatalogueDbFactory(settings.GetSection("Catalogue").Get<CatalogueSettings>() ?? new CatalogueSettings()));
builder.Services.AddSingleton<IngestTrack>();
builder.Services.AddSingleton<SweepUploads>();
builder.Services.AddSingleton<FailedJob>();
builder.Build().Run();
