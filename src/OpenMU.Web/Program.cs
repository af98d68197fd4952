using OpenMU.ServiceDefaults;
using OpenMU.Web;

// The site as a program of its own. Environment variables say where things are: Catalogue__*, Storage__*,
// Site__*, ASPNETCORE_URLS.
return await ServiceDefaultsExtensions.RunProgramAsync(() => CatalogueSite.Build(args));
