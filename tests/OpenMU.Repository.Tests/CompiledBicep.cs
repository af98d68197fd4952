using System.Text.Json;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(OpenMU.Repository.Tests.CompiledBicep))]

namespace OpenMU.Repository.Tests;

/// <summary>Every file in bicep as the ARM template it compiles to, compiled once for all tests.</summary>
public sealed class CompiledBicep : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("openmu-bicep-");

    public CompiledBicep()
    {
        (ExitCode, Diagnostics) = Checkout.Bicep("build", "--pattern", "./*.bicep", "--outdir", _folder.FullName);
        Templates = _folder.GetFiles("*.json").ToDictionary(
            file => Path.GetFileNameWithoutExtension(file.Name),
            file => JsonNode.Parse(File.ReadAllText(file.FullName))!.AsObject());
    }

    public int ExitCode { get; }

    /// <summary>Everything the compiler said; nothing when all is well.</summary>
    public string Diagnostics { get; }

    /// <summary>By file name without its ending.</summary>
    public IReadOnlyDictionary<string, JsonObject> Templates { get; }

    /// <summary>Resources that a file itself declares or refers to, those of its modules not included.</summary>
    public IEnumerable<JsonObject> Resources(string file) => Templates[file]["resources"] switch
    {
        JsonObject bySymbol => bySymbol.Select(r => r.Value!.AsObject()),
        JsonArray list => list.Select(r => r!.AsObject()),
        _ => throw new JsonException($"{file}.bicep compiles to a template without resources."),
    };

    /// <summary>Resources of one type in all files, those that are only referred to left out.</summary>
    public IEnumerable<(string File, JsonObject Resource)> Declared(string type) =>
        from file in Templates.Keys
        from resource in Resources(file)
        where (string?)resource["type"] == type && resource["existing"] is null
        select (file, resource);

    public void Dispose() => _folder.Delete(recursive: true);
}
