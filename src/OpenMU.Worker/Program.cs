using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
using var host = builder.Build();

var settings = builder.Configuration;
var options = settings.GetSection("Worker").Get<WorkerOptions>() ?? new WorkerOptions();
using var listener = ModelSession.Open(options);
var worker = new WorkerLoop(
    new CatalogueDbFactory(settings.GetSection("Catalogue").Get<CatalogueSettings>() ?? new CatalogueSettings()),
    (settings.GetSection("Storage").Get<StorageSettings>() ?? new StorageSettings()).Open(),
    new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener),
    options,
    TimeProvider.System,
    host.Services.GetRequiredService<ILogger<WorkerLoop>>());

// The host turns SIGTERM and Ctrl-C into ApplicationStopping and waits for us while the worker lets go.
await host.StartAsync();
await worker.RunAsync(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
await host.StopAsync();
