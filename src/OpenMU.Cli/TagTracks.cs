using System.CommandLine;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;

namespace OpenMU.Cli;

/// <summary><c>openmu tag</c>: adds tags to tracks and takes tags away.</summary>
internal static class TagTracks
{
    private static readonly string[] Lists =
    [
        FieldNames.Genres, FieldNames.Moods, FieldNames.Instruments, FieldNames.Themes, FieldNames.Voices,
        FieldNames.Tags,
    ];

    public static Command Command()
    {
        var words = new SignedWords("tracks-and-tags")
        {
            Description = "Tracks by their ids, and tags: +jazz adds, -rock takes away. mood:+calm says of which group, or "
                + "field; without one a word goes to the group that knows it, else to tags.",
            Arity = ArgumentArity.OneOrMore
        };
        var (choice, by) = (new TrackChoice(), SetFields.ByOption());
        var command = choice.AddTo(new Command(
            "tag", "Adds tags to what is said of tracks, whoever says it, and takes tags away.")
        {
            words, by
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var (ids, tags) = Split(parsed.GetRequiredValue(words));
            if (tags.Count == 0) throw new UsageException("Say which tags: +jazz -rock mood:+calm.");
            await using var access = await choice.OpenAsync(parsed, withStorage: false, cancel);
            var fields = await SetFields.FieldsAsync(access, choice.Tenant(parsed), cancel);
            return await SetFields.ChangeAsync(
                access, choice.Tenant(parsed), choice.Of(parsed, ids), Edits(fields, tags), parsed.GetRequiredValue(by),
                cancel);
        });
        return command;
    }

    private static (List<long> Ids, List<Tag> Tags) Split(string[] words)
    {
        var (ids, tags) = (new List<long>(), new List<Tag>());
        foreach (var word in words)
        {
            if (TrackChoice.IsId(word, out var id)) ids.Add(id);
            else tags.Add(Tag.Parse(word));
        }

        return (ids, tags);
    }

    private static List<FieldEdit> Edits(TenantFields fields, List<Tag> tags)
    {
        try
        {
            return
            [
                .. from tag in tags
                   from name in tag.Fields()
                   group tag by fields.Find(name) into same
                   select FieldEdit.Mix(
                       same.Key, same.Where(tag => tag.IsAdded).Select(tag => tag.Value),
                       same.Where(tag => !tag.IsAdded).Select(tag => tag.Value)),
            ];
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    private sealed record Tag(string? Group, bool IsAdded, string Value)
    {
        public static Tag Parse(string word)
        {
            var colon = word is ['+' or '-', ..] ? -1 : word.IndexOf(':');
            var signed = word[(colon + 1)..];
            return signed is ['+' or '-', _, ..]
                ? new Tag(colon < 0 ? null : word[..colon], signed[0] == '+', signed[1..])
                : throw new UsageException($"{word} is neither the id of a track nor a tag such as +jazz or mood:-calm.");
        }

        // Without a group, what is taken away is taken out of every list that has it.
        public string[] Fields()
        {
            if (Group is not null) return [TrackFields.FieldOfGroup(Group.ToLowerInvariant()) ?? Group];
            if (!IsAdded) return Lists;
            var known = MusicVocabulary.TagGroups.FirstOrDefault(group =>
                group.Labels.Any(label => label.Name == MusicVocabulary.Spelled(group.Name, Value)));
            return [known.Name is { } name ? TrackFields.FieldOfGroup(name)! : FieldNames.Tags];
        }
    }
}

/// <summary>An argument whose words may begin with a dash.</summary>
internal sealed class SignedWords(string name) : Argument<string[]>(name);
