using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Text;
using OpenMU.Music;

namespace OpenMU.Model;

/// <summary>A text about a track on its way through a <see cref="MusicModel"/>.</summary>
/// <param name="Track">The track.</param>
/// <param name="Prefix">The prompt up to the music, which all texts about the track share.</param>
/// <param name="Rest">The prompt behind it.</param>
/// <param name="Loop">Answers tool calls; null where texts are left as they are generated.</param>
/// <param name="Facts">What the calls are answered from.</param>
/// <param name="Options">How tokens are chosen.</param>
/// <param name="Hook">Answers calls while the text is written; null where the model was not trained on that.</param>
internal sealed record PendingText(
    EncodedTrack Track, MusicPrompt Prefix, IReadOnlyList<int> Rest, ToolLoop? Loop, MusicalFacts? Facts,
    GenerationOptions Options, TokenHook? Hook)
{
    /// <summary>Positions of KV cache of the prefix.</summary>
    public int PrefixPositions { get; set; }

    /// <summary>Positions of KV cache of the text, which repeats the prefix.</summary>
    public int Positions { get; set; }

    /// <summary>In the generator, once it is submitted.</summary>
    public GenerationRequest? Request { get; set; }

    /// <summary>It ended, well or not.</summary>
    public bool IsDone => Request is { State: not (GenerationState.Waiting or GenerationState.Running) };
}
