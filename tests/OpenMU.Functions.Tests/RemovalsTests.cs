using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class RemovalsTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_of_a_deletion_marks_the_track_and_one_that_comes_after_a_new_upload_does_not()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        foreach (var name in (string[])["home/a b.wav", "home/back.wav"])
        {
            await stage.UploadAsync(name, [1, (byte)name[5]]);
            await handlers.Ingest.HandleAsync(name, Cancel);
            await stage.Storage.Tracks.DeleteBlobIfExistsAsync(name, cancellationToken: Cancel);
        }

        var etag = await stage.UploadAsync("home/back.wav", [2]);
        foreach (var name in (string[])["home/a b.wav", "home/back.wav", "home/back.wav", "home/never known.wav"])
            await stage.Storage.Removals.SendMessageAsync(Event(name), Cancel);

        (await handlers.Removals.DrainAsync(Cancel)).Should().Be(4);

        var tracks = await stage.TracksAsync();
        tracks.Select(t => t.MissingSince == null).Should().Equal(false, true);
        tracks[1].ETag.Should().Be(etag, "the event led to the version that is there now");
        (await Stage.CountAsync(stage.Storage.Removals)).Should().Be(0);
    }

    [Fact]
    public async Task What_names_no_blob_leaves_the_queue_too()
    {
        await using var stage = await Stage.SetAsync(emulator);
        foreach (var body in (string[])["no event", "[]", "{}", "{\"subject\":7}", "null",
            "{\"subject\":\"/blobServices/default/containers/others/blobs/a.wav\"}"])
        {
            await stage.Storage.Removals.SendMessageAsync(body, Cancel);
        }

        (await new Handlers(stage).Removals.DrainAsync(Cancel)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.Removals)).Should().Be(0);
    }

    // After https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
    private static string Event(string name) =>
        $$"""
        {"topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
         "subject":"/blobServices/default/containers/tracks/blobs/{{name}}",
         "eventType":"Microsoft.Storage.BlobDeleted","data":{"api":"DeleteBlob","blobType":"BlockBlob"} }
        """;
}
