using System.Text.Json;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using Spectre.Console;

namespace OpenMU.Cli.Hub;

/// <summary>What a repository holds, by its config.json, and how a model folder is made of it.</summary>
internal enum DownloadKind
{
    /// <summary>A folder that this program wrote: it is complete.</summary>
    ModelFolder,

    /// <summary>A whole model of a family, as its makers publish it.</summary>
    Published,

    /// <summary>A language model alone, which is one part of an OpenMU.</summary>
    LanguageModel,
}

/// <summary>The way from a download to a model folder.</summary>
internal static class DownloadedModel
{
    /// <summary>Reads config.json, before anything large is fetched.</summary>
    /// <param name="config">Its bytes.</param>
    /// <param name="name">The repository, for messages.</param>
    /// <exception cref="InvalidDataException">It is of no family that is known here, or cannot be read.</exception>
    public static DownloadKind KindOf(ReadOnlyMemory<byte> config, HubName name)
    {
        string[] families = [MiDashengLmConfig.Name, MossMusicConfig.Name];
        var known = $"model folders of this program, and the types {string.Join(", ", families)}, llama";
        try
        {
            using var json = JsonDocument.Parse(config);
            if (json.RootElement.TryGetProperty("model_type", out var type))
            {
                if (families.Contains(type.GetString(), StringComparer.OrdinalIgnoreCase))
                    return DownloadKind.Published;
                return type.GetString() is "llama"
                    ? DownloadKind.LanguageModel
                    : throw new InvalidDataException($"{name} is of the type {type.GetRawText()}, which is not known here; known: "
                        + $"{known}. Nothing was fetched.");
            }
            if (json.RootElement.TryGetProperty("llama", out _)) return DownloadKind.ModelFolder;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{name} has a {ModelFolder.ConfigFile} that cannot be read; nothing was fetched.", e);
        }
        throw new InvalidDataException($"{name} does not say what it is in {ModelFolder.ConfigFile}; known: {known}. "
            + "Nothing was fetched.");
    }

    /// <summary>Copies a download that is a model folder already.</summary>
    /// <exception cref="InvalidDataException">It is no complete model.</exception>
    public static async Task CopyAsync(
        string download, string output, IAnsiConsole console, CancellationToken cancel)
    {
        var report = FolderReport.Of(download, cancel: cancel);
        await ByteProgress.ShowAsync(console, "checking", report.Bytes, read => FolderReport.Of(download, read, cancel));
        var temporary = $"{output}.{Path.GetRandomFileName()}";
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (var file in Directory.GetFiles(download))
            {
                cancel.ThrowIfCancellationRequested();
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)));
            }
            Directory.Move(temporary, output);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }
}
