using NJsonSchema;

namespace OpenMU.Mir.Tests;

public class JamsTests
{
    // What the public description of JAMS 0.3 demands of a document and of the four namespaces used.
    private const string Schema = """
        {
          "$schema": "http://json-schema.org/draft-04/schema#",
          "type": "object",
          "required": ["file_metadata", "annotations", "sandbox"],
          "additionalProperties": false,
          "properties": {
            "file_metadata": {
              "type": "object",
              "required": ["duration", "jams_version"],
              "additionalProperties": false,
              "properties": {
                "title": { "type": "string" }, "artist": { "type": "string" }, "release": { "type": "string" },
                "duration": { "type": "number", "minimum": 0 },
                "identifiers": { "type": "object" },
                "jams_version": { "type": "string", "pattern": "^[0-9]\\.[0-9]\\.[0-9]$" }
              }
            },
            "annotations": {
              "type": "array",
              "items": {
                "allOf": [ { "$ref": "#/definitions/annotation" } ],
                "oneOf": [ { "$ref": "#/definitions/tempo" }, { "$ref": "#/definitions/beat" }, { "$ref": "#/definitions/key" }, { "$ref": "#/definitions/chord" } ]
              }
            },
            "sandbox": { "type": "object" }
          },
          "definitions": {
            "annotation": {
              "type": "object",
              "required": ["annotation_metadata", "data", "namespace"],
              "properties": {
                "annotation_metadata": {
                  "type": "object",
                  "properties": {
                    "version": { "type": ["string", "number"] }, "annotator": { "type": "object" },
                    "annotation_tools": { "type": "string" }, "annotation_rules": { "type": "string" }, "data_source": { "type": "string" }
                  }
                },
                "time": { "type": ["number", "null"], "minimum": 0 },
                "duration": { "type": ["number", "null"], "minimum": 0 },
                "sandbox": { "type": "object" },
                "data": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["value", "time", "duration", "confidence"],
                    "properties": { "time": { "type": "number", "minimum": 0 }, "duration": { "type": "number", "minimum": 0 } }
                  }
                }
              }
            },
            "tempo": {
              "properties": {
                "namespace": { "enum": ["tempo"] },
                "data": { "items": { "properties": { "value": { "type": "number", "minimum": 0 }, "confidence": { "type": "number", "minimum": 0, "maximum": 1 } } } }
              }
            },
            "beat": {
              "properties": { "namespace": { "enum": ["beat"] }, "data": { "items": { "properties": { "value": { "type": ["number", "null"] } } } } }
            },
            "key": {
              "properties": {
                "namespace": { "enum": ["key_mode"] },
                "data": { "items": { "properties": { "value": { "type": "string", "pattern": "^(N|[A-G][b#]?(:(major|minor|ionian|dorian|phrygian|lydian|mixolydian|aeolian|locrian))?)$" } } } }
              }
            },
            "chord": {
              "properties": {
                "namespace": { "enum": ["chord_harte"] },
                "data": { "items": { "properties": { "value": { "type": "string",
                  "pattern": "^(N|[A-G][b#]*(:((maj|min|dim|aug|maj7|min7|7|dim7|hdim7|minmaj7|maj6|min6|9|maj9|min9|sus4)(\\(DEGREES\\))?|\\(DEGREES\\)))?(/[b#]*([1-9]|1[0-3]))?)$" } } } }
              }
            }
          }
        }
        """;

    private const string Degrees = @"\\*?[b#]*([1-9]|1[0-3])(,\\*?[b#]*([1-9]|1[0-3]))*";

    [Fact]
    public async Task Documents_are_valid_JAMS()
    {
        var schema = await JsonSchema.FromJsonAsync(Schema.Replace("DEGREES", Degrees, StringComparison.Ordinal));
        schema.Validate(Jams.Of(Measured.Song).ToJsonString()).Should().BeEmpty();
        schema.Validate(Jams.Of(Measured.Silence).ToJsonString()).Should().BeEmpty();

        // The check itself can fail.
        var wrong = Jams.Of(Measured.Song);
        wrong["annotations"]![3]!["data"]![1]!["value"] = "C#:sus2";
        schema.Validate(wrong.ToJsonString()).Should().NotBeEmpty();
    }

    [Fact]
    public void Every_tool_has_its_annotation()
    {
        var annotations = Jams.Of(Measured.Song)["annotations"]!.AsArray();
        string[] Values(int annotation) =>
            [.. annotations[annotation]!["data"]!.AsArray().Select(observation => observation!["value"]!.ToString())];
        annotations.Select(annotation => (string)annotation!["namespace"]!)
            .Should().Equal("tempo", "beat", "key_mode", "chord_harte");
        Values(0).Should().Equal("117.6471");
        Values(1).Should().Equal("4", "1", "2", "3");
        Values(2).Should().Equal("C#:minor", "N");
        Values(3).Should().Equal("N", "C#:min", "F#:min7/b3", "B:(2,5)", "E");
        ((double)annotations[3]!["data"]![1]!["duration"]!).Should().BeApproximately(0.51, 1e-9);
        ((string)annotations[2]!["annotation_metadata"]!["annotation_tools"]!).Should().Be("OpenMU.Mir.Key");
    }

    [Fact]
    public void What_JAMS_cannot_say_stands_in_the_sandbox()
    {
        var sandbox = Jams.Of(Measured.Song)["sandbox"]!["openmu"]!;
        ((double)sandbox["loudness"]!["integratedLufs"]!).Should().Be(-14.25);
        sandbox["quality"]!["faults"]!.AsArray().Select(fault => (string)fault!)
            .Should().Equal("clipped", "mono-as-stereo");
    }
}
