using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Storage;

public sealed class OutageTests
{
    public static TheoryData<string, Exception> OfStorage => new()
    {
        { "no answer", new RequestFailedException("Connection refused") },
        { "408", Failed(408) },
        { "429", Failed(429) },
        { "500", Failed(500) },
        { "502", Failed(502) },
        { "503", Failed(503, "ServerBusy") },
        { "504", Failed(504) },
        { "nobody is let in", Failed(403, "AuthorizationFailure") },
        { "no container", Failed(404, "ContainerNotFound") },
        { "no queue", Failed(404, "QueueNotFound") },
        { "container on its way out", Failed(409, "ContainerBeingDeleted") },
        { "no token", new AuthenticationFailedException("The identity endpoint does not answer.") },
        { "retries used up", new AggregateException(new RequestFailedException("refused"), Failed(503)) },
        { "retries that hung", new AggregateException(new TaskCanceledException(), new TaskCanceledException()) },
        { "retries within retries", new AggregateException(new AggregateException(new SocketException(111))) },
    };

    public static TheoryData<string, Exception> OfCatalogue => new()
    {
        { "busy", new SqliteException("", 5) },
        { "busy, extended", new SqliteException("", 5, 517) },
        { "input or output", new SqliteException("", 10) },
        { "disk full", new SqliteException("", 13) },
        { "cannot open", new SqliteException("", 14) },
        { "busy while saving", new DbUpdateException("", new SqliteException("", 5)) },
        { "retries used up", new RetryLimitExceededException() },
    };

    public static TheoryData<string, Exception> OfTheNetwork => new()
    {
        { "socket", new SocketException((int)SocketError.HostUnreachable) },
        { "http", new HttpRequestException("The response ended prematurely.") },
        { "stream", new IOException("Connection reset by peer") },
        { "time limit", new TimeoutException() },
        { "time limit of a client", new TaskCanceledException() },
    };

    public static TheoryData<string, Exception> Answers => new()
    {
        { "no blob", Failed(404, "BlobNotFound") },
        { "another version", Failed(412, "ConditionNotMet") },
        { "exists already", Failed(409, "BlobAlreadyExists") },
        { "a bad name", Failed(400, "InvalidResourceName") },
        { "not made yet", Failed(501) },
        { "a receipt that is too old", Failed(400, "PopReceiptMismatch") },
        { "an answer among the tries", new AggregateException(Failed(503), Failed(404, "BlobNotFound")) },
        { "nothing", new AggregateException() },
        { "a unique key", new DbUpdateException("", new SqliteException("", 19)) },
        { "bad SQL", new SqliteException("", 1) },
        { "a defect", new InvalidOperationException() },
        { "a defect among the tries", new AggregateException(Failed(503), new ArgumentNullException()) },
    };

    [Theory]
    [MemberData(nameof(OfStorage))]
    public void Storage_is_away(string what, Exception e)
    {
        Outage.Is(e).Should().BeTrue(what);
        Outage.IsStorage(e).Should().BeTrue(what);
        Outage.IsCatalogue(e).Should().BeFalse(what);
    }

    [Theory]
    [MemberData(nameof(OfCatalogue))]
    public void The_database_is_away(string what, Exception e)
    {
        Outage.Is(e).Should().BeTrue(what);
        Outage.IsStorage(e).Should().BeFalse(what);
        Outage.IsCatalogue(e).Should().BeTrue(what);
    }

    [Theory]
    [MemberData(nameof(OfTheNetwork))]
    public void The_network_is_away_and_alone_does_not_say_whose_it_was(string what, Exception e)
    {
        Outage.Is(e).Should().BeTrue(what);
        (Outage.IsStorage(e) || Outage.IsCatalogue(e)).Should().BeFalse(what);
        Outage.IsStorage(new AggregateException(e, Failed(0))).Should().BeTrue(what);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_and_defects_are_no_outage(string what, Exception e) => Outage.Is(e).Should().BeFalse(what);

    private static RequestFailedException Failed(int status, string? code = null) => new(status, "", code, null);
}
