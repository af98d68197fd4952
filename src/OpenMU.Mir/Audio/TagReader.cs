namespace OpenMU.Mir.Audio;

/// <summary>
/// Reads the tags of a file, each container by its own rules, within <see cref="TagBytes"/>'s budget. ffprobe's reading
/// fills in for containers that have no reader here; it gives one value for a field and loses text that is not UTF-8,
/// so it comes last.
/// </summary>
internal sealed class TagReader
{
    private const int FfprobeRank = 90, ManyFrames = 2000, MaxTagsInRow = 4;
    private readonly TagCollector tags = new();

    private TagReader()
    {
    }

    /// <summary>
    /// Bytes at the start that only hold an ID3v2 tag of absurdly many frames. ffmpeg takes minutes over such a tag,
    /// and none if it begins behind it. 0 for any other file.
    /// </summary>
    public long HeavyTagBytes { get; private set; }

    /// <summary>
    /// Length by the header of a WAV file that was cut off, in seconds, which ffprobe does not tell; null for any other
    /// file.
    /// </summary>
    public double? ClaimedSeconds { get; private set; }

    /// <summary>
    /// Whether the container has a reader here, which came to its end, so that ffprobe has nothing to add.
    /// </summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads a file's own tags. A file that cannot be opened has none.</summary>
    public static TagReader Read(string fullPath)
    {
        var reader = new TagReader();
        try
        {
            using var file = new TagBytes(fullPath);
            reader.IsComplete = reader.ReadFile(file) && !file.IsSpent;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ffprobe will find the same and say why.
        }

        return reader;
    }

    /// <summary>Adds what ffprobe found and decides between all containers.</summary>
    /// <param name="container">Tags of the whole file.</param>
    /// <param name="stream">Tags of its stream of sound; a title there is a mere label, such as "Stereo".</param>
    public FileTags Merge(IReadOnlyDictionary<string, string>? container, IReadOnlyDictionary<string, string>? stream)
    {
        AddFfprobe(container, FfprobeRank, isStream: false);
        AddFfprobe(stream, FfprobeRank + 1, isStream: true);
        return TagMerger.Merge(tags);
    }

    private void AddFfprobe(IReadOnlyDictionary<string, string>? found, int rank, bool isStream)
    {
        var into = new TagOrigin(tags, "ffprobe", rank);
        foreach (var (name, value) in found ?? new Dictionary<string, string>())
        {
            // Only what has a meaning: its other fields are those that were read here already, and technical notes.
            var isKnown = TagNames.OfFree(name) != TagKind.Other
                || name.StartsWith("lyrics", StringComparison.OrdinalIgnoreCase);
            if (isKnown && !(isStream && TagNames.OfFree(name) == TagKind.Title)) into.AddFree(name, value);
        }
    }

    private bool ReadFile(TagBytes file)
    {
        var start = ReadLeadingId3(file);
        var head = file.Read(start, 16);
        bool Begins(ReadOnlySpan<byte> magic) => head.AsSpan().StartsWith(magic);
        bool Holds(int at, ReadOnlySpan<byte> magic) => head.Length >= at + 4 && head.AsSpan(at).StartsWith(magic);
        if ((Begins("RIFF"u8) || Begins("RF64"u8) || Begins("BW64"u8)) && Holds(8, "WAVE"u8))
            ClaimedSeconds = RiffTags.ReadWave(file, tags);
        else if (Begins("FORM"u8) && (Holds(8, "AIFF"u8) || Holds(8, "AIFC"u8))) RiffTags.ReadAiff(file, tags);
        else if (Begins("caff"u8)) RiffTags.ReadCaf(file, tags);
        else if (Begins("DSD "u8)) RiffTags.ReadDsf(file, tags);
        else if (Begins("OggS"u8)) XiphTags.ReadOgg(file, tags);
        else if (Holds(4, "ftyp"u8) || Holds(4, "moov"u8) || Holds(4, "mdat"u8) || Holds(4, "wide"u8))
            Mp4Tags.Read(file, tags);
        else if (Begins([0x1A, 0x45, 0xDF, 0xA3])) MatroskaTags.Read(file, tags);
        else if (AsfTags.IsHeader(head)) AsfTags.Read(file, tags);
        else
        {
            if (Begins("fLaC"u8)) XiphTags.ReadFlac(file, start, new TagOrigin(tags, "FLAC", 0));
            ReadTrailingTags(file);
            return Begins("fLaC"u8) || MpegFrame.Seconds(head) is not null;
        }

        return true;
    }

    // Players put a second tag before the first one at times; the outer one is the newer.
    private long ReadLeadingId3(TagBytes file)
    {
        var (start, sizes) = (0L, new List<int>());
        while (sizes.Count < MaxTagsInRow
            && Id3v2.TotalBytes(file.Read(start, Id3v2.HeaderBytes)) is > 0 and var size)
        {
            sizes.Add(size);
            start += size;
        }

        var frameSeconds = MpegFrame.Seconds(file.Read(start, MpegFrame.HeaderBytes));
        start = 0;
        for (var i = 0; i < sizes.Count; i++)
        {
            var frames = Id3v2.Read(file.Read(start, sizes[i]), tags, rank: 10 + i, frameSeconds);
            start += sizes[i];
            if (frames > ManyFrames && start < file.Length) HeavyTagBytes = start;
        }

        return start;
    }

    private void ReadTrailingTags(TagBytes file)
    {
        var end = file.Length;
        var last = file.Read(end - Id3v1.Bytes, Id3v1.Bytes);
        if (Id3v1.IsTag(last))
        {
            Id3v1.Read(last, new TagOrigin(tags, "ID3v1", 30));
            end -= Id3v1.Bytes;
        }

        var size = ApeTag.TagBytes(file.Read(end - ApeTag.FooterBytes, ApeTag.FooterBytes));
        if (size > 0 && size <= end)
            ApeTag.Read(file.Read(end - size, size - ApeTag.FooterBytes), new TagOrigin(tags, "APEv2", 20));
    }
}
