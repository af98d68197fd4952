using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenMU.Cli.Hub;

/// <summary>What a hub says of a repository at one commit.</summary>
/// <param name="Name">The repository as it was asked for.</param>
/// <param name="Commit">The commit that the revision was when it was asked for; later requests name it.</param>
/// <param name="Licence">Its licence as the hub spells it ("apache-2.0"); null where it says none.</param>
/// <param name="Files">The files to fetch.</param>
internal sealed partial record HubModel(HubName Name, string Commit, string? Licence, IReadOnlyList<HubFile> Files)
{
    private const int MaximumBytes = 32 << 20, MaximumPages = 100;
    private const long MaximumFileBytes = 1L << 41;

    public long Bytes => Files.Sum(file => file.Size);

    /// <summary>
    /// Asks for the repository's description, and for its tree where the description has no sizes and hashes.
    /// </summary>
    /// <exception cref="UsageException">There is no such repository or revision.</exception>
    /// <exception cref="HubException">
    /// The hub does not answer, or says of a file that is wanted no size or hash, or there are no weights to fetch.
    /// </exception>
    public static async Task<HubModel> FindAsync(HubConnection hub, HubName name, CancellationToken cancel)
    {
        var model = $"api/models/{name.Repository}";
        var revision = Uri.EscapeDataString(name.Revision);
        using var description = await DescribeAsync(hub, $"{model}/revision/{revision}?blobs=true", name, cancel);
        var root = description?.RootElement ?? default;
        var commit = Text(root, "sha") is { } sha && Hash40.IsMatch(sha) ? sha : name.Revision;
        List<(string Name, HubFile? File)> listed =
            [.. Items(root, "siblings").Select(item => Entry(item, "rfilename", "blobId", "sha256"))];
        if (!listed.Exists(entry => HubFile.IsAllowed(entry.Name))
            || listed.Exists(entry => HubFile.IsAllowed(entry.Name) && entry.File is null))
        {
            listed = await TreeAsync(hub, $"{model}/tree/{Uri.EscapeDataString(commit)}", name, cancel);
        }
        return new(name, commit, LicenceOf(root), Choose(hub, name, listed));
    }

    private static HubFile[] Choose(HubConnection hub, HubName name, List<(string Name, HubFile? File)> listed)
    {
        var host = hub.Settings.Endpoint.Authority;
        if (listed.Find(entry => HubFile.IsAllowed(entry.Name) && entry.File is null) is { Name: { } unknown })
        {
            throw new HubException(
                $"{host} says no size or hash of {name}'s {unknown}; nothing that cannot be checked is fetched.");
        }
        var files = HubFile.Wanted(listed.Select(entry => entry.File).OfType<HubFile>());
        var names = files.GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase);
        if (names.FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new HubException($"{host} lists {name}'s {twice.Key} twice.");
        if (files.Any(file => file.IsWeights)) return [.. files];
        var pickle = listed.Select(entry => entry.Name).FirstOrDefault(other => Pickle.IsMatch(other));
        throw new HubException(pickle is null
            ? $"{name} has no safetensors file: it holds no model that can be fetched."
            : $"{name} has no safetensors file, only pickles such as {pickle}, which may run code when they are read: "
                + "nothing is fetched.");
    }

    private static async Task<JsonDocument?> DescribeAsync(
        HubConnection hub, string path, HubName name, CancellationToken cancel)
    {
        try
        {
            return (await JsonAsync(hub, hub.AddressOf(path), name, cancel)).Json;
        }
        catch (UsageException)
        {
            // A mirror may have the tree only; where there is neither, the tree's answer tells it.
            return null;
        }
    }

    private static async Task<List<(string Name, HubFile? File)>> TreeAsync(
        HubConnection hub, string path, HubName name, CancellationToken cancel)
    {
        var entries = new List<(string Name, HubFile? File)>();
        var next = hub.AddressOf(path);
        for (var page = 0; page < MaximumPages; page++)
        {
            var (json, following) = await JsonAsync(hub, next, name, cancel);
            using (json)
                entries.AddRange(Items(json.RootElement, null).Select(item => Entry(item, "path", "oid", "oid")));
            if (following is null) return entries;
            next = following;
        }
        throw new HubException($"{name} has too many files.");
    }

    private static Task<(JsonDocument Json, Uri? Next)> JsonAsync(
        HubConnection hub, Uri address, HubName name, CancellationToken cancel) =>
        new HubRetry(hub.Settings).RunAsync(async () =>
        {
            using var answer = await hub.GetAsync(address, $"{name}", cancel);
            var body = await hub.ReadAsync(async token =>
            {
                await answer.Response.Content.LoadIntoBufferAsync(MaximumBytes, token);
                return await answer.Response.Content.ReadAsByteArrayAsync(token);
            }, address.Authority, cancel);
            try
            {
                return (JsonDocument.Parse(body), NextPage(address, answer.Response));
            }
            catch (JsonException)
            {
                throw new HubException(
                    $"{address.Authority} does not answer as a model hub does (its answer is no JSON); check --endpoint.");
            }
        }, cancel);

    private static Uri? NextPage(Uri address, HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links)
        && NextLink.Match(string.Join(',', links)) is { Success: true } match
            ? new(address, match.Groups[1].Value)
            : null;

    // Of a large file "oid" is the hash of the pointer that stands for it in git: its own is in "lfs".
    private static (string Name, HubFile? File) Entry(JsonElement item, string name, string git, string lfs)
    {
        var path = Text(item, name) ?? "";
        var large = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("lfs", out var said)
            && said.ValueKind == JsonValueKind.Object ? said : default;
        var isLarge = large.ValueKind == JsonValueKind.Object;
        var hash = isLarge ? Text(large, lfs) ?? Text(large, "oid") ?? Text(large, "sha256") : Text(item, git);
        hash = hash?.Replace("sha256:", "", StringComparison.Ordinal);
        var isHash = hash is not null && (isLarge ? Hash64 : Hash40).IsMatch(hash);
        var size = Number(isLarge ? large : item, "size") ?? Number(item, "size");
        return (path, isHash && size is >= 0 and <= MaximumFileBytes ? new(path, size.Value, hash!) : null);
    }

    private static string? LicenceOf(JsonElement root)
    {
        const string tag = "license:";
        var card =
            root.ValueKind == JsonValueKind.Object && root.TryGetProperty("cardData", out var data) ? data : default;
        var said = Items(root, "tags")
            .Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            .FirstOrDefault(text => text.StartsWith(tag, StringComparison.Ordinal))?[tag.Length..];
        var licence = Text(card, "license") ?? said;
        if (licence == "other") licence = Text(card, "license_name") ?? licence;
        return licence is { Length: > 0 and <= 100 } && licence.All(letter => letter is >= ' ' and <= '~')
            ? licence
            : null;
    }

    private static List<JsonElement> Items(JsonElement root, string? name)
    {
        var list = name is null ? root
            : root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var said) ? said : default;
        return list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
    }

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var said)
        && said.ValueKind == JsonValueKind.String ? said.GetString() : null;

    private static long? Number(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var said)
        && said.ValueKind == JsonValueKind.Number && said.TryGetInt64(out var number) ? number : null;

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Hash40 { get; }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Hash64 { get; }

    [GeneratedRegex(@"\.(bin|pt|pth|ckpt|pkl|pickle)\z")]
    private static partial Regex Pickle { get; }

    [GeneratedRegex("<([^>]*)>\\s*;\\s*rel=\"?next\"?")]
    private static partial Regex NextLink { get; }
}
