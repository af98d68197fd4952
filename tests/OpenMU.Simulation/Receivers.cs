using System.Net;
using System.Text.Json;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Simulation;

/// <summary>Two partners who are told of what happens. One of them is away for a day.</summary>
internal sealed class Receivers(VirtualWorld world, Mischief mischief, SimulationPlan plan)
{
    public const string Steady = "https://steady.example/hook", Away = "https://away.example/hook";

    /// <summary>How long the one is away.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromDays(1);

    private readonly List<Receipt> receipts = [];

    /// <summary>What they have received, in its order.</summary>
    public IReadOnlyList<Receipt> Receipts => receipts;

    /// <summary>When the one that was away is back.</summary>
    public TimeSpan Back => (plan.Uploading / 4) + Absence;

    /// <summary>The way of one process to them.</summary>
    public HttpMessageHandler For(SimulatedProcess process) => new Connection(this, process);

    private bool IsAway(Uri address) =>
        address == new Uri(Away) && world.Elapsed > plan.Uploading / 4 && world.Elapsed < Back;

    private sealed class Connection(Receivers receivers, SimulatedProcess process) : HttpMessageHandler
    {
        private Mischief Mischief => receivers.Mischief;

        // Partners have more of it than a storage account.
        private double Trouble => 4 * Mischief.Faults.DoubledMessage;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Mischief.WaitAsync(process);
            if (receivers.IsAway(request.RequestUri!) || Mischief.Does("webhook lost", Trouble))
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            var receipt = new Receipt(
                request.RequestUri!.ToString(), request.Headers.GetValues(WebhookSignature.IdHeader).Single(),
                JsonDocument.Parse(body).RootElement);
            receivers.receipts.Add(receipt);
            if (Mischief.Does("webhook doubled", Trouble)) receivers.receipts.Add(receipt);
            await Mischief.WaitAsync(process);
            if (Mischief.Does("webhook's reply lost", Trouble))
                throw new HttpRequestException(HttpRequestError.ResponseEnded);
            return Mischief.Does("receiver failed", Trouble)
                ? StorageReply.Empty(HttpStatusCode.InternalServerError)
                : StorageReply.Empty(HttpStatusCode.NoContent);
        }
    }

    private Mischief Mischief => mischief;
}

/// <summary>A webhook that arrived.</summary>
/// <param name="Url">Where.</param>
/// <param name="Id">Its webhook-id.</param>
/// <param name="Body">Its content.</param>
internal sealed record Receipt(string Url, string Id, JsonElement Body)
{
    public string Type => Body.GetProperty("type").GetString()!;
}
