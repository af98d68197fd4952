using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenMU.Testing.Fuzzing;

/// <summary>Values as a schema of an OpenAPI document asks for them.</summary>
/// <param name="document">The whole document, for its references.</param>
/// <param name="ids">Numbers of rows that exist.</param>
internal sealed class SchemaValues(JsonElement document, IReadOnlyList<long> ids)
{
    private const int MaxDepth = 6;
    private static readonly string[] Words = ["night", "river", "piano", "jazz", "sad", "A minor", "genre:jazz", "mood:night"];

    /// <summary>A value that the schema takes.</summary>
    /// <param name="schema">The schema, or a reference to it.</param>
    /// <param name="random">Decides what is left open.</param>
    /// <param name="depth">How deep the value lies in another one.</param>
    public JsonNode? Of(JsonElement schema, Random random, int depth = 0)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("enum", out var names)) return names[random.Next(names.GetArrayLength())].GetString();
        foreach (var choice in (string[])["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
                return Of(choices[random.Next(choices.GetArrayLength())], random, depth + 1);
        }

        return TypeOf(schema, random) switch
        {
            "integer" => random.Next(4) == 0 ? random.Next(0, 300) : ids[random.Next(ids.Count)],
            "number" => Math.Round(random.NextDouble() * 200, 2),
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ =>
                schema.TryGetProperty("items", out var item) ? Of(item, random, depth + 1) : random.Next())]),
            "object" => Object(schema, random, depth),
            "string" when schema.TryGetProperty("format", out var format)
                && format.GetString() is "date-time" => "2026-03-01T12:00:00Z",
            "string" => Words[random.Next(Words.Length)],
            _ => null,
        };
    }

    private JsonObject Object(JsonElement schema, Random random, int depth)
    {
        var made = new JsonObject();
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (depth < MaxDepth && random.Next(2) == 0)
                    made[property.Name] = Of(property.Value, random, depth + 1);
            }
        }
        else
        {
            foreach (var field in (string[])["bpm", "genres", "title", "key"])
            {
                if (random.Next(2) == 0) made[field] = field == "bpm" ? 120 : Words[random.Next(Words.Length)];
            }
        }

        return made;
    }

    private JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            var found = document;
            foreach (var step in reference.GetString()!.Split('/').Skip(1)) found = found.GetProperty(step);
            schema = found;
        }

        return schema;
    }

    private static string? TypeOf(JsonElement schema, Random random)
    {
        if (!schema.TryGetProperty("type", out var type)) return null;
        if (type.ValueKind == JsonValueKind.String) return type.GetString();
        return type[random.Next(type.GetArrayLength())].GetString();
    }
}
