using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.ServiceDefaults;
using OpenMU.Worker;

// The worker's container. Environment variables say where things are: Catalogue__*, Storage__*, Worker__*.
return await ServiceDefaultsExtensions.RunProgramAsync(() =>
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.AddServiceDefaults();
    builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    // The worker lets go of what it holds within this time; then it is killed and its messages come back by themselves.
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(100));
    builder.Services.AddCatalogue(builder.Configuration, isSearched: false).AddWorker(builder.Configuration);
    return builder.Build();
});
