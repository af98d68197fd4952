using System.Text.Json;

namespace OpenMU.Model.Weights;

/// <summary>The safetensors files of a checkpoint: one file, or shards with an index.</summary>
public static class WeightFiles
{
    private const int MaximumIndexBytes = 64 << 20;

    /// <summary>
    /// Opens them. With <c>*.safetensors.index.json</c> these are the files it lists, and each must have exactly the
    /// tensors it lists; without it, every safetensors file of the folder except <paramref name="others"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no file, one is missing or damaged, or index and files
    /// contradict each other.</exception>
    public static IReadOnlyList<SafeTensors> Open(string folder, params IReadOnlyList<string> others)
    {
        var indexes = Directory.GetFiles(folder, "*.safetensors.index.json");
        if (indexes.Length > 1)
        {
            throw new InvalidDataException(
                $"{folder} has {indexes.Length} indexes of safetensors files; one can be right.");
        }
        var map = indexes.Length == 1 ? ReadIndex(indexes[0]) : null;
        string[] names = map is not null
            ? [.. map.Values.Distinct().Order(StringComparer.Ordinal)]
            : [.. Directory.GetFiles(folder, "*.safetensors").Select(file => Path.GetFileName(file))
                .Except(others)
                .Order(StringComparer.Ordinal)];
        if (names.Length == 0) throw new InvalidDataException($"{folder} has no safetensors file.");
        var files = new List<SafeTensors>();
        try
        {
            foreach (var name in names)
            {
                var path = Path.Combine(folder, name);
                if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing; the index names it.");
                files.Add(SafeTensors.Open(path));
            }
            RequireMatch(folder, files, map);
            return files;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static void RequireMatch(string folder, List<SafeTensors> files, Dictionary<string, string>? map)
    {
        var places = new Dictionary<string, SafeTensors>();
        foreach (var file in files)
        {
            foreach (var key in file.Entries.Keys)
            {
                if (!places.TryAdd(key, file))
                {
                    throw new InvalidDataException(
                        $"The tensor '{key}' stands in {places[key].Path} and in {file.Path}.");
                }
                if (map is not null && map.GetValueOrDefault(key) != Path.GetFileName(file.Path))
                {
                    throw new InvalidDataException(
                        $"The tensor '{key}' stands in {file.Path}, where the index of {folder} does not have it.");
                }
            }
        }
        if (map?.Keys.FirstOrDefault(key => !places.ContainsKey(key)) is { } missing)
        {
            throw new InvalidDataException(
                $"{Path.Combine(folder, map[missing])} lacks the tensor '{missing}' that the index promises.");
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        if (new FileInfo(path).Length > MaximumIndexBytes)
            throw new InvalidDataException($"{path} is larger than {MaximumIndexBytes} bytes.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var map = json.RootElement.GetProperty("weight_map")
                .EnumerateObject()
                .ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "");
            if (map.Values.FirstOrDefault(name => name.Length == 0 || name != Path.GetFileName(name)) is { } stray)
                throw new InvalidDataException($"{path} names '{stray}', which is no file of its folder.");
            return map;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or ArgumentException)
        {
            throw new InvalidDataException($"{path} is no index of safetensors files ({e.Message}).", e);
        }
    }
}
