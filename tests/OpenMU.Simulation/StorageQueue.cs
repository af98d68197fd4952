using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;

namespace OpenMU.Simulation;

/// <summary>
/// A queue: a message is hidden from its receipt on and comes back when that time is over, and only the latest receipt
/// may change or delete it.
/// </summary>
/// <param name="world">Its clock.</param>
/// <param name="mischief">What goes wrong with messages.</param>
public sealed class StorageQueue(VirtualWorld world, Mischief mischief)
{
    /// <summary>What is counted where a message is not to be seen for a while.</summary>
    public const string Late = "message late";

    private static readonly TimeSpan UsuallyHidden = TimeSpan.FromSeconds(30), MostLate = TimeSpan.FromMinutes(20);

    private readonly SortedSet<Message> messages = new(Message.ByVisibility);
    private readonly Dictionary<string, Message> byId = [];
    private readonly Dictionary<string, int> bodies = [];
    private long count;

    /// <summary>Messages, hidden ones among them.</summary>
    public int Count => messages.Count;

    /// <summary>Messages that were sent although one with the same text was on the queue.</summary>
    public int SentAgain { get; private set; }

    /// <summary>Puts a text on the queue, as a client encodes it.</summary>
    public void Send(string text) => Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));

    internal HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath.Split('/');
        if (path.Length < 3) return Properties();
        if (path.Length > 3) return Change(request, Uri.UnescapeDataString(path[3]));
        if (request.Method == HttpMethod.Post) return Send(request);
        var most = StorageReply.Query(request, "numofmessages", 1);
        return StorageReply.Query(request, "peekonly") == "true" ? List(Visible(most), isPeek: true)
            : Receive(most, TimeSpan.FromSeconds(
                StorageReply.Query(request, "visibilitytimeout", (int)UsuallyHidden.TotalSeconds)));
    }

    private HttpResponseMessage Properties()
    {
        var response = StorageReply.Empty(HttpStatusCode.OK);
        response.Headers.Add("x-ms-approximate-messages-count", Count.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    private HttpResponseMessage Send(HttpRequestMessage request)
    {
        using var body = request.Content!.ReadAsStream();
        var message = Add(XDocument.Load(body).Root!.Element("MessageText")!.Value);
        var xml = new StringBuilder("<QueueMessagesList>");
        Write(xml, message, isPeek: false, hasText: false);
        return StorageReply.Xml(HttpStatusCode.Created, xml.Append("</QueueMessagesList>"));
    }

    private Message Add(string text)
    {
        var message = new Message(++count, text, world.Now) { VisibleAt = world.Elapsed };
        if (bodies.GetValueOrDefault(Job(text)) > 0) SentAgain++;
        if (mischief.Does("message lost", mischief.Faults.LostMessage)) return message;
        if (mischief.Does(Late, mischief.Faults.LateMessage))
            message.VisibleAt += world.Between(TimeSpan.Zero, MostLate);
        messages.Add(message);
        byId.Add(message.Id, message);
        bodies[Job(text)] = bodies.GetValueOrDefault(Job(text)) + 1;
        return message;
    }

    private HttpResponseMessage Receive(int most, TimeSpan hidden)
    {
        var skip = mischief.Does("messages reordered", mischief.Faults.Reordered) ? world.Chance.Next(1, 64) : 0;
        var received = Visible(most + skip).TakeLast(most).ToList();
        foreach (var message in received)
        {
            var isHandedOutAgain = mischief.Does("message doubled", mischief.Faults.DoubledMessage);
            Show(message, world.Elapsed + (isHandedOutAgain ? TimeSpan.Zero : hidden));
            message.Received++;
        }

        return List(received, isPeek: false);
    }

    private List<Message> Visible(int most) =>
        [.. messages.TakeWhile(message => message.VisibleAt <= world.Elapsed).Take(most)];

    private HttpResponseMessage Change(HttpRequestMessage request, string id)
    {
        if (!byId.TryGetValue(id, out var message))
            return StorageReply.Error(HttpStatusCode.NotFound, "MessageNotFound");
        if (StorageReply.Query(request, "popreceipt") != message.Receipt)
            return StorageReply.Error(HttpStatusCode.BadRequest, "PopReceiptMismatch");
        if (request.Method == HttpMethod.Delete)
        {
            messages.Remove(message);
            byId.Remove(id);
            if (--bodies[Job(message.Text)] == 0) bodies.Remove(Job(message.Text));
            return StorageReply.Empty(HttpStatusCode.NoContent);
        }

        Show(message, world.Elapsed + TimeSpan.FromSeconds(StorageReply.Query(request, "visibilitytimeout", 0)));
        var response = StorageReply.Empty(HttpStatusCode.NoContent);
        response.Headers.Add("x-ms-popreceipt", message.Receipt);
        response.Headers.Add("x-ms-time-next-visible", world.Now.ToString("R", CultureInfo.InvariantCulture));
        return response;
    }

    private void Show(Message message, TimeSpan at)
    {
        messages.Remove(message);
        message.VisibleAt = at;
        message.Receipts++;
        messages.Add(message);
    }

    private static HttpResponseMessage List(IEnumerable<Message> some, bool isPeek)
    {
        var xml = new StringBuilder("<QueueMessagesList>");
        foreach (var message in some) Write(xml, message, isPeek, hasText: true);
        return StorageReply.Xml(HttpStatusCode.OK, xml.Append("</QueueMessagesList>"));
    }

    private static void Write(StringBuilder xml, Message message, bool isPeek, bool hasText)
    {
        xml.Append(CultureInfo.InvariantCulture, $"<QueueMessage><MessageId>{message.Id}</MessageId>")
            .Append(CultureInfo.InvariantCulture, $"<InsertionTime>{message.SentAt:R}</InsertionTime>")
            .Append(CultureInfo.InvariantCulture, $"<ExpirationTime>{DateTimeOffset.MaxValue:R}</ExpirationTime>");
        if (!isPeek)
        {
            xml.Append(CultureInfo.InvariantCulture, $"<PopReceipt>{message.Receipt}</PopReceipt>")
                .Append(CultureInfo.InvariantCulture, $"<TimeNextVisible>{message.SentAt:R}</TimeNextVisible>");
        }

        if (hasText)
        {
            xml.Append(CultureInfo.InvariantCulture, $"<DequeueCount>{message.Received}</DequeueCount>")
                .Append(CultureInfo.InvariantCulture, $"<MessageText>{message.Text}</MessageText>");
        }

        xml.Append("</QueueMessage>");
    }

    // Messages about one job may differ in their trace alone.
    private static string Job(string text) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(text)).Split(",\"traceparent\"")[0];

    private sealed class Message(long number, string text, DateTimeOffset sentAt)
    {
        public static readonly Comparer<Message> ByVisibility = Comparer<Message>.Create(
            (a, b) => a.VisibleAt != b.VisibleAt ? a.VisibleAt.CompareTo(b.VisibleAt) : a.Number.CompareTo(b.Number));

        public long Number => number;

        public string Id { get; } = $"m{number}";

        public string Text => text;

        public DateTimeOffset SentAt => sentAt;

        public TimeSpan VisibleAt { get; set; }

        public int Received { get; set; }

        public int Receipts { get; set; }

        public string Receipt => $"{Id}r{Receipts}";
    }
}
