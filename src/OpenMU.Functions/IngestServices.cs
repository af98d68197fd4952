using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Functions;

/// <summary>
/// The handlers at the front of the batch, for the function app and for a home set-up, which calls them by a clock.
/// </summary>
public static class IngestServices
{
    /// <summary>Adds them by the section <c>Ingest</c> of the configuration; the catalogue must be there.</summary>
    public static IServiceCollection AddIngest(
        this IServiceCollection services, IConfiguration configuration) => services
            .AddStrictOptions<IngestOptions>(configuration, "Ingest")
            .AddSingleton<IngestTrack>()
            .AddSingleton<MissingTracks>()
            .AddSingleton<LyricsFiles>()
            .AddSingleton<Removals>()
            .AddSingleton<ContainerComparison>()
            .AddSingleton<UploadQueue>()
            .AddSingleton<SweepUploads>()
            .AddSingleton<TakeDown>()
            .AddSingleton<PartnerQueues>()
            .AddSingleton<QuestionSweep>()
            .AddSingleton<FailedJob>()
            .AddSingleton<DeliverWebhooks>()
            .AddSingleton<PullUploads>();
}
