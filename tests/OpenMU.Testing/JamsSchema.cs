using NJsonSchema;

namespace OpenMU.Testing;

/// <summary>A check of JAMS documents that knows nothing of how they are made.</summary>
public static class JamsSchema
{
    // What the public description of JAMS 0.3 demands of a document and of the namespaces used.
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
                "oneOf": [ { "$ref": "#/definitions/tempo" }, { "$ref": "#/definitions/beat" }, { "$ref": "#/definitions/key" }, { "$ref": "#/definitions/chord" },
                  { "$ref": "#/definitions/tag" }, { "$ref": "#/definitions/segment" }, { "$ref": "#/definitions/function" }, { "$ref": "#/definitions/lyrics" } ]
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
            "tag": {
              "properties": {
                "namespace": { "enum": ["tag_open"] },
                "data": { "items": { "properties": { "value": { "type": "string" } } } }
              }
            },
            "segment": {
              "properties": {
                "namespace": { "enum": ["segment_open"] },
                "data": { "items": { "properties": { "value": { "type": "string" } } } }
              }
            },
            "function": {
              "properties": {
                "namespace": { "enum": ["segment_salami_function"] },
                "data": { "items": { "properties": { "value": { "enum": ["intro", "verse", "chorus", "bridge", "solo", "outro"] } } } }
              }
            },
            "lyrics": {
              "properties": {
                "namespace": { "enum": ["lyrics"] },
                "data": { "items": { "properties": { "value": { "type": "string" } } } }
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

    public static Task<JsonSchema> ReadAsync() =>
        JsonSchema.FromJsonAsync(Schema.Replace("DEGREES", Degrees, StringComparison.Ordinal));
}
