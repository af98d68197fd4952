using System.Text.Json.Serialization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.FileProviders;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>The whole site: the catalogue page and the API. Composed once, hosted by this program in Azure and by <c>openmu up</c> at home.</summary>
public static class CatalogueSite
{
    /// <summary>Builds the site; the caller runs it, or starts and stops it.</summary>
    /// <param name="args">Command line settings of the host, such as <c>--Logging:LogLevel:Default=Warning</c>.</param>
    /// <param name="catalogue">Opens the catalogue, one context per request.</param>
    /// <param name="storage">Where the audio lies and uploads go.</param>
    /// <param name="settings">What the host decides.</param>
    /// <param name="logs">The host's own log, in place of the console.</param>
    public static WebApplication Build(string[] args, IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, SiteSettings settings, ILoggerFactory? logs = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (settings.Url is not null) builder.WebHost.UseUrls(settings.Url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

        if (logs is not null) builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(catalogue);
        builder.Services.AddSingleton(storage);
        builder.Services.AddSingleton(new QuestionStore(catalogue, storage, TimeProvider.System));
        // A site on loopback answers to no other name, so a foreign page cannot reach it through a rebound DNS name.
        if (settings.Url is not null && new Uri(settings.Url).IsLoopback)
        {
            builder.Services.Configure<HostFilteringOptions>(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        }

        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi("v1", ApiDocument.Describe);

        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A body that is too large or breaks off is the client's fault, and keeps its status.
            StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        app.UseMiddleware<SiteHeaders>();
        app.UseMiddleware<CrossSiteGuard>();
        app.UsePage();

        app.MapOpenApi();
        app.MapTracks();
        app.MapAudio();
        app.MapUploads();
        app.MapQuestions();
        app.MapStatus();
        return app;
    }

    private static void UsePage(this WebApplication app)
    {
        var files = new EmbeddedFileProvider(typeof(CatalogueSite).Assembly, "OpenMU.Web.wwwroot");
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            ContentTypeProvider = new FileExtensionContentTypeProvider(),
            // The browser asks each time and gets 304: after an update nobody sees yesterday's page.
            OnPrepareResponse = response => response.Context.Response.Headers.CacheControl = "no-cache",
        });
    }
}
