using System.Text;
using System.Text.Json;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>Partners that ask on queues of their own.</summary>
public sealed class PartnerQueuesTests(Emulator emulator)
{
    private const string Good =
        """{"idempotencyKey":"k-1","questions":["Which key?","Which tempo?"],"tracks":[{"fileName":"a.wav"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_becomes_a_batch_and_is_told_so_once_however_often_it_comes()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var (asks, replies) = await QueuesAsync(stage, "acme");
        await asks.SendMessageAsync(Good, Cancel);
        await asks.SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(Good)), Cancel);

        (await Queues(stage, "acme").DrainAsync(Cancel)).Should().Be(2);

        var told = await ReadAsync(replies);
        told.Should().HaveCount(2).And.OnlyContain(reply => reply.GetProperty("outcome").GetString() == "accepted"
            && reply.GetProperty("idempotencyKey").GetString() == "k-1" && reply.GetProperty("total").GetInt32() == 2);
        told.Select(reply => reply.GetProperty("batchId").GetInt64()).Distinct().Should().ContainSingle();
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.QuestionBatches.SingleAsync(Cancel)).Tenant.Should().Be("acme");
        (await db.Questions.CountAsync(Cancel)).Should().Be(2);
        (await Stage.CountAsync(asks)).Should().Be(0);
    }

    [Theory]
    [InlineData("no JSON at all", "message")]
    [InlineData("{\"questions\":[\"a?\"]}", "message")]
    [InlineData("{\"idempotencyKey\":\"k\",\"questions\":[\"a?\"],\"tracks\":[{\"id\":\"x\"}]}", "message")]
    [InlineData("{\"idempotencyKey\":\"k\",\"questions\":[\"a?\"],\"tracks\":[{\"id\":1}],\"prio\":1}", "message")]
    [InlineData("{\"idempotencyKey\":\"k\",\"questions\":[\" \"],\"tracks\":[{\"id\":1}]}", "questions")]
    [InlineData("{\"idempotencyKey\":\"k\",\"questions\":[\"a?\"],\"tracks\":[{\"id\":987}]}", "tracks")]
    [InlineData("{\"idempotencyKey\":\"\",\"questions\":[\"a?\"],\"tracks\":[{\"fileName\":\"a\"}]}", "idempotencyKey")]
    public async Task A_message_that_is_wrong_is_answered_as_rejected_and_keeps_no_other_waiting(
        string text, string field)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var (asks, replies) = await QueuesAsync(stage, "acme");
        var id = (await asks.SendMessageAsync(text, Cancel)).Value.MessageId;
        await asks.SendMessageAsync(Good, Cancel);

        (await Queues(stage, "acme").DrainAsync(Cancel)).Should().Be(2);

        var told = await ReadAsync(replies);
        var rejected = told.Single(reply => reply.GetProperty("outcome").GetString() == "rejected");
        rejected.GetProperty("messageId").GetString().Should().Be(id);
        rejected.GetProperty("errors").EnumerateObject().Should().ContainSingle().Which.Name.Should().Be(field);
        told.Should().ContainSingle(reply => reply.GetProperty("outcome").GetString() == "accepted");
        (await Stage.CountAsync(asks)).Should().Be(0);
    }

    [Fact]
    public async Task A_key_that_was_another_messages_is_rejected()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var (asks, replies) = await QueuesAsync(stage, "acme");
        await asks.SendMessageAsync(Good, Cancel);
        await asks.SendMessageAsync(Good.Replace("Which key?", "Which chords?"), Cancel);

        await Queues(stage, "acme").DrainAsync(Cancel);

        (await ReadAsync(replies)).Select(reply => reply.GetProperty("outcome").GetString())
            .Should().BeEquivalentTo("accepted", "rejected");
    }

    [Fact]
    public async Task A_message_that_was_tried_too_often_is_given_up_and_told_so()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var (asks, replies) = await QueuesAsync(stage, "acme");
        await asks.SendMessageAsync(Good, Cancel);
        for (var tries = 0; tries < 5; tries++)
        {
            QueueMessage message = await asks.ReceiveMessageAsync(TimeSpan.FromMinutes(1), Cancel);
            await asks.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancel);
        }

        await Queues(stage, "acme").DrainAsync(Cancel);

        (await ReadAsync(replies)).Should().ContainSingle()
            .Which.GetProperty("outcome").GetString().Should().Be("rejected");
        (await Stage.CountAsync(asks)).Should().Be(0);
    }

    [Fact]
    public async Task A_partner_asks_for_itself_alone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var track = await TrackAsync(stage);
        var (asks, replies) = await QueuesAsync(stage, "other");
        await asks.SendMessageAsync(Good.Replace("\"fileName\":\"a.wav\"", $"\"id\":{track}"), Cancel);

        await Queues(stage, "acme, other").DrainAsync(Cancel);

        (await ReadAsync(replies)).Should().ContainSingle()
            .Which.GetProperty("errors").GetProperty("tracks")[0].GetString().Should().Be($"There is no track {track}.");
    }

    [Theory]
    [InlineData("acme", "ask-acme", "reply-acme")]
    [InlineData("acme-2", "ask-acme-2", "reply-acme-2")]
    public void A_tenants_queues_are_named_after_it(string tenant, string asks, string replies) =>
        PartnerQueueNames.Of(tenant).Should().Be(new PartnerQueueNames(asks, replies));

    [Theory]
    [InlineData("Warner Archive")]
    [InlineData("a--b")]
    [InlineData("-a")]
    [InlineData("ångström")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_that_no_queue_may_have_is_stood_for_by_its_hash(string tenant)
    {
        var names = PartnerQueueNames.Of(tenant);
        names.Asks.Should().MatchRegex("^asks-[0-9a-f]{32}$");
        names.Replies.Should().MatchRegex("^replies-[0-9a-f]{32}$");
        names.Should().NotBe(PartnerQueueNames.Of(tenant + "x"));
    }

    private static async Task<long> TrackAsync(Stage stage)
    {
        await stage.UploadAsync("acme/a.wav", [1]);
        await new Handlers(stage).Ingest.HandleAsync("acme/a.wav", Cancel);
        return (await stage.TracksAsync()).Single().Id;
    }

    private static PartnerQueues Queues(Stage stage, string tenants) => new(
        new BatchStore(
            stage.Catalogue, stage.Jobs, TimeProvider.System),
        stage.Storage, new IngestOptions { Partners = tenants }, NullLogger<PartnerQueues>.Instance);

    private static async Task<(QueueClient Asks, QueueClient Replies)> QueuesAsync(Stage stage, string tenant)
    {
        var names = PartnerQueueNames.Of(tenant);
        var (asks, replies) = (stage.Storage.Queue(names.Asks), stage.Storage.Queue(names.Replies));
        foreach (var queue in (QueueClient[])[asks, replies])
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: Cancel);
            await queue.ClearMessagesAsync(Cancel);
        }
        return (asks, replies);
    }

    private static async Task<List<JsonElement>> ReadAsync(QueueClient queue)
    {
        QueueMessage[] messages = await queue.ReceiveMessagesAsync(32, cancellationToken: Cancel);
        return [.. messages.Select(message => JsonDocument.Parse(message.Body.ToString()).RootElement)];
    }
}
