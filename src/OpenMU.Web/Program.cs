using Azure.Identity;
using OpenMU.Catalogue;
using OpenMU.Web;

// Settings come from environment variables in Azure: Catalogue__*, Storage__*, Site__*, ASPNETCORE_URLS.
var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();

var catalogue = new CatalogueDbFactory(configuration.GetRequiredSection("Catalogue").Get<CatalogueSettings>()!);
var storage = configuration["Storage:ConnectionString"] is { } connectionString
    ? MusicStorage.FromConnectionString(connectionString)
    : MusicStorage.FromIdentity(Endpoint("BlobEndpoint"), Endpoint("QueueEndpoint"), new DefaultAzureCredential());
var settings = configuration.GetSection("Site").Get<SiteSettings>() ?? new SiteSettings();

await CatalogueSite.Build(args, catalogue, storage, settings).RunAsync();

Uri Endpoint(string name) => new(configuration[$"Storage:{name}"] ?? throw new InvalidOperationException($"The setting Storage:{name} is missing."));
