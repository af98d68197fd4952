using OpenMU.Catalogue.Storage;
using OpenMU.Web;

// The site as a program of its own. Environment variables say where things are: Catalogue__*, Storage__*, Site__*, ASPNETCORE_URLS.
var settings = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();

await CatalogueSite.Build(
    args,
    new CatalogueDbFactory(settings.GetSection("Catalogue").Get<CatalogueSettings>() ?? new CatalogueSettings()),
    (settings.GetSection("Storage").Get<StorageSettings>() ?? new StorageSettings()).Open(),
    settings.GetSection("Site").Get<SiteSettings>() ?? new SiteSettings()).RunAsync();
