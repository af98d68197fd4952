using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace OpenMU.Web.Tests;

/// <summary>
/// What a partner does: generates a client from the site's own document, compiles it, and works with it.
/// </summary>
public sealed class GeneratedClientTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generated_client_finds_gets_asks_uploads_and_exports()
    {
        var document = await OpenApiDocument.FromJsonAsync(
            await site.LooseClient.GetStringAsync("/openapi/v1.json", Cancel), Cancel);
        var client = Open(Compile(Generate(document)));
        var track = await site.AddHeardAsync("generated client");

        var page = await client.FindTracksAsync(text: "generated client", bpmFrom: 120.5, pageSize: 5);
        ((int)page.Total).Should().Be(1);
        ((string)page.Tracks[0].State.ToString()).Should().Be("Ready");
        ((double)page.Tracks[0].Bpm).Should().Be(126);
        ((int)page.States["Ready"]).Should().Be(1);

        var view = await client.GetTrackAsync(track);
        ((long)view.Summary.Id).Should().Be(track);
        ((double)view.Analysis.Beats[1].Seconds).Should().BeGreaterThan(0);
        ((object?)view.Correction).Should().BeNull();

        var question = New(client, "NewQuestion");
        question.Text = "Which key?";
        var asked = await client.AskQuestionAsync(track, question);
        ((string)asked.State.ToString()).Should().Be("Queued");
        ((string)(await client.GetQuestionAsync((long)asked.Id)).Text).Should().Be("Which key?");
        ((int)(await client.ListQuestionsAsync(track)).Count).Should().Be(1);

        var lyrics = New(client, "NewLyrics");
        lyrics.Text = "[00:01.00]la la";
        var put = await client.PutLyricsAsync(track, lyrics);
        ((double)put.Lines[0].Seconds).Should().Be(1);
        ((string)(await client.GetLyricsAsync(track)).Source.ToString()).Should().Be("Owner");
        string lrc = await TextAsync(await client.GetLyricsAsLrcAsync(track));
        lrc.Should().Be("[00:01.00]la la\n");
        await client.DeleteLyricsAsync(track, (string)put.Etag);

        await CorrectAsync(client, track, (string)view.Etag);

        var uploaded = await client.UploadTrackAsync("from a client/a.wav", new MemoryStream(site.Audio));
        ((string)uploaded.State.ToString()).Should().Be("Received");
        ((string)(await client.GetUploadAsync("from a client/a.wav")).FileName).Should().Be("from a client/a.wav");
        byte[] audio = await BytesAsync(await client.GetTrackAudioAsync(track));
        audio.Should().Equal(site.Audio);

        string csv = await TextAsync(await client.ExportTracksAsCsvAsync(text: "generated"));
        csv.Should().StartWith("id,file,ownId").And.Contain("generated client");
        string lines = await TextAsync(await client.ExportTracksAsJsonLinesAsync(text: "generated"));
        lines.Should().Contain("\"title\":\"generated client\"");
        ((int)(await client.GetStatusAsync()).Ready).Should().BePositive();
        ((string)(await client.GetHealthAsync()).Status).Should().Be("healthy");
    }

    private static async Task CorrectAsync(dynamic client, long track, string etag)
    {
        var fields = new Dictionary<string, object> { ["bpm"] = 63, ["genres"] = new[] { "Fado", "Jazz" } };
        var corrected = await client.CorrectTrackAsync(track, fields, etag);
        ((double)corrected.Track.Summary.Bpm).Should().Be(63);
        ((int)corrected.Track.Correction.Version).Should().Be(1);
        var many = New(client, "NewCorrections");
        many.Ids = new List<long> { track };
        many.Add = new Dictionary<string, object> { ["genres"] = "Blues" };
        var summary = await client.CorrectTracksAsync(many);
        ((int)summary.Changed).Should().Be(1);
        ((int)(await client.GetHistoryAsync(track)).Count).Should().Be(3);
        ((int)(await client.UndoCorrectionsAsync((string)summary.Batch, track: track)).Changed).Should().Be(1);
        ((string)(await client.ApproveTrackAsync(track)).Track.Correction.ApprovedBy).Should().NotBeEmpty();
        ((object?)(await client.UnlockTrackAsync(track)).Track.Correction.LockedBy).Should().BeNull();
        ((int)(await client.ListFieldsAsync()).Count).Should().BeGreaterThan(30);
        ((object?)(await client.ListDuplicatesAsync()).Next).Should().BeNull();
    }

    [Fact]
    public async Task A_generated_client_is_told_what_is_wrong()
    {
        var document = await OpenApiDocument.FromJsonAsync(
            await site.LooseClient.GetStringAsync("/openapi/v1.json", Cancel), Cancel);
        var client = Open(Compile(Generate(document)));

        Func<Task> search = async () => await client.FindTracksAsync(key: "H minor");

        dynamic error = (await search.Should().ThrowAsync<Exception>()).Which;
        ((int)error.StatusCode).Should().Be(400);
        ((IEnumerable<string>)error.Result.Errors["key"]).Should().ContainSingle();
    }

    [Fact]
    public async Task Every_operation_has_a_name_and_every_answer_a_content_that_a_client_can_take()
    {
        var document = await OpenApiDocument.FromJsonAsync(
            await site.LooseClient.GetStringAsync("/openapi/v1.json", Cancel), Cancel);

        document.Operations.Select(operation => operation.Operation.OperationId).Should().OnlyHaveUniqueItems()
            .And.NotContain(name => string.IsNullOrEmpty(name));
        document.Operations
            .SelectMany(operation => operation.Operation.Responses
                .Where(response => response.Key is "200" or "202")
                .Select(response => (operation.Operation.OperationId, response.Value.Content)))
            .Should().OnlyContain(answer => answer.Content.Count > 0
                && answer.Content.All(content => content.Value.Schema != null));
        document.Definitions.Values.Where(schema => schema.IsEnumeration)
            .Should().NotBeEmpty().And.OnlyContain(schema => schema.Type == NJsonSchema.JsonObjectType.String);
    }

    internal static string Generate(OpenApiDocument document, string space = "Generated") => new CSharpClientGenerator(
        document,
        new CSharpClientGeneratorSettings
        {
            ClassName = "CatalogueClient",
            UseBaseUrl = false,
            GenerateOptionalParameters = true,
            CSharpGeneratorSettings =
            {
                Namespace = space,
                JsonLibrary = CSharpJsonLibrary.SystemTextJson,
            },
        }).GenerateFile();

    private static Assembly Compile(string code)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(file) is "mscorlib.dll" or "netstandard.dll" or "Microsoft.CSharp.dll");
        var compilation = CSharpCompilation.Create(
            "Generated", [CSharpSyntaxTree.ParseText(code, cancellationToken: Cancel)],
            platform.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly, cancellationToken: Cancel);
        result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Should().BeEmpty();
        return Assembly.Load(assembly.ToArray());
    }

    private dynamic Open(Assembly assembly) =>
        Activator.CreateInstance(assembly.GetType("Generated.CatalogueClient")!, site.LooseClient)!;

    private static dynamic New(object client, string type, params object[] arguments) =>
        Activator.CreateInstance(client.GetType().Assembly.GetType($"Generated.{type}")!, arguments)!;

    private static async Task<string> TextAsync(dynamic file) =>
        System.Text.Encoding.UTF8.GetString(await BytesAsync(file));

    private static async Task<byte[]> BytesAsync(dynamic file)
    {
        using var bytes = new MemoryStream();
        await ((Stream)file.Stream).CopyToAsync(bytes, Cancel);
        ((IDisposable)file).Dispose();
        return bytes.ToArray();
    }
}
