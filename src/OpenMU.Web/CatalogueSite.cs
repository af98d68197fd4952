using System.Text.Json.Serialization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Settings;
using OpenMU.ServiceDefaults;
using OpenMU.Web.Access;
using OpenMU.Web.Limits;
using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web;

/// <summary>
/// The whole site: the catalogue page and the API. Composed once, hosted by this program in Azure and by
/// <c>openmu up</c> at home.
/// </summary>
public static class CatalogueSite
{
    /// <summary>Builds the site; the caller runs it, or starts and stops it.</summary>
    /// <param name="args">Settings, such as <c>--Site:Tenant=acme</c>; they stand above those of
    /// the environment.</param>
    /// <param name="compose">Adds what else the host runs beside the site.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting of the
    /// site is wrong.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? compose = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults();
        builder.Services.AddCatalogue(builder.Configuration);
        builder.AddCatalogueSite();
        compose?.Invoke(builder);
        var app = builder.Build();
        app.UseCatalogueSite();
        return app;
    }

    private static void AddCatalogueSite(this WebApplicationBuilder builder)
    {
        builder.Services.AddStrictOptions<SiteSettings>(builder.Configuration, "Site");
        // Where to listen is asked before there are services.
        var settings = StrictOptions.Read<SiteSettings>(builder.Configuration, "Site");
        if (settings.Url is not null) builder.WebHost.UseUrls(settings.Url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // A site on loopback answers to no other name, so a foreign page cannot reach it through a rebound DNS name.
        if (settings.IsLoopback)
        {
            builder.Services.Configure<HostFilteringOptions>(hosts =>
                hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        }

        // Whatever the framework cannot read is told by one middleware, in words for people.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        builder.AddRateLimits();
        builder.Services.AddCorsOrigins();
        builder.Services.AddAccess(settings);
        builder.Services.AddSingleton<SiteStorage>();
        builder.Services.AddSingleton<DatabaseGate>();
        DatabaseGate.ReserveThreads();
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddProblemDetails();
        builder.Services.AddResponseCompression(compression =>
        {
            // No answer holds a secret that somebody could guess from its length beside words of their own choosing.
            compression.EnableForHttps = true;
            compression.MimeTypes =
            [
                "application/json", "application/problem+json", "application/jsonl", "application/xml", "text/csv",
                "text/tab-separated-values", "application/vnd.apple.mpegurl",
            ];
        });
        builder.Services.AddOpenApi("v1", ApiDocument.Describe);
    }

    private static void UseCatalogueSite(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A body that is too large or breaks off is the client's fault, and keeps its status.
            StatusCodeSelector = e =>
                e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        app.UseMiddleware<BareRefusals>();
        app.UseMiddleware<SiteHeaders>();
        app.UseResponseCompression();
        var files = new EmbeddedFileProvider(typeof(CatalogueSite).Assembly, "OpenMU.Web.wwwroot");
        app.UsePreflights();
        app.UseHeadAndOptions(files);
        app.UsePage(files);
        app.UseMiddleware<BodyMistakes>();
        app.UseMiddleware<QuotaAnswer>();
        app.UseMiddleware<OutageAnswer>();
        app.UseAuthentication();
        app.UseCorsOrigins();
        // Before anybody is refused: whoever tries one key after another is counted too.
        app.UseRateLimits();
        app.UseAccess();
        app.UseMiddleware<CrossSiteGuard>();
        app.UseMiddleware<StrictQuery>();
        app.UseMiddleware<ConditionalGet>();
        app.UseMiddleware<DatabaseGate>();
        app.UseMiddleware<IdempotencyKey>();

        // Made of all routes for each who asks, which takes its time on a machine with much to do; nothing is away.
        app.MapOpenApi().WithMetadata(new TakesItsTime());
        var api = app.MapGroup("").RequireScopes().ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapTracks();
        api.MapExports();
        api.MapSimilar();
        api.MapAudio();
        api.MapUploads();
        api.MapLyrics();
        api.MapCorrections();
        api.MapSelection();
        api.MapImport();
        api.MapTaxonomy();
        api.MapPublishing();
        api.MapQuestions();
        api.MapWebhooks();
        api.MapQuestionList();
        api.MapQuestionBatches();
        api.MapStatus();
        api.MapUsage();
        api.MapKeys();
        api.MapAudit();
        app.MapHealth();
    }

    private static void UsePage(this WebApplication app, EmbeddedFileProvider files)
    {
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
