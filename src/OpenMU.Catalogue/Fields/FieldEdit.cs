namespace OpenMU.Catalogue.Fields;

/// <summary>What somebody wants done to one field of a track or of many; the values are read already.</summary>
public sealed record FieldEdit
{
    private readonly IReadOnlyList<string>? values;
    private readonly IReadOnlyList<string> added = [], removed = [];

    private FieldEdit(CatalogueField field, IReadOnlyList<string>? values) => (Field, this.values) = (field, values);

    private FieldEdit(CatalogueField field, IReadOnlyList<string> added, IReadOnlyList<string> removed)
        : this(field, null)
    {
        if (field.Type != FieldType.List) throw new FormatException($"{field.Label} has one value: set it instead.");
        (this.added, this.removed, NeedsWhatHolds) = (added, removed, true);
    }

    /// <summary>Of which field.</summary>
    public CatalogueField Field { get; }

    /// <summary>Whether the outcome depends on what holds so far.</summary>
    internal bool NeedsWhatHolds { get; }

    /// <summary>These values hold from now on; no value says that there is none.</summary>
    /// <exception cref="FormatException">Not of the field's type; the message says why.</exception>
    public static FieldEdit Set(CatalogueField field, params IEnumerable<string> texts) =>
        new(field, field.Read(texts));

    /// <summary>As <see cref="Set"/>, of one text as a command line or a table has it.</summary>
    public static FieldEdit SetText(CatalogueField field, string text) => new(field, field.ReadText(text));

    /// <summary>What a person has put right is taken back: the others' word holds again.</summary>
    public static FieldEdit Withdraw(CatalogueField field) => new(field, null);

    /// <summary>
    /// Adds to what holds, whoever says it, and takes away from it; letters count the same in any case.
    /// </summary>
    /// <exception cref="FormatException">The field has one value, or the texts are not of its type.</exception>
    public static FieldEdit Mix(CatalogueField field, IEnumerable<string> added, IEnumerable<string> removed) =>
        new(field, field.Read(added), field.Read(removed));

    /// <summary>As <see cref="Mix"/>, with nothing taken away.</summary>
    public static FieldEdit Add(CatalogueField field, params IEnumerable<string> texts) => Mix(field, texts, []);

    /// <summary>As <see cref="Mix"/>, with nothing added.</summary>
    public static FieldEdit Remove(CatalogueField field, params IEnumerable<string> texts) => Mix(field, [], texts);

    /// <summary>What the correction says afterwards; null where it says nothing.</summary>
    /// <param name="said">What it says so far.</param>
    /// <param name="holds">What holds so far, whoever says it.</param>
    /// <exception cref="FormatException">There would be too many values.</exception>
    internal IReadOnlyList<string>? After(IReadOnlyList<string>? said, IReadOnlyList<string> holds)
    {
        if (!NeedsWhatHolds) return values;
        var left = holds.Where(value => !Has(removed, value)).ToList();
        var missing = added.Where(value => !Has(left, value)).ToList();
        return left.Count == holds.Count && missing.Count == 0 ? said : Field.Read(left.Concat(missing));
    }

    private static bool Has(IReadOnlyList<string> all, string value) =>
        all.Contains(value, StringComparer.OrdinalIgnoreCase);
}
