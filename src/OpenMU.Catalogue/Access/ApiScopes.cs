namespace OpenMU.Catalogue.Access;

/// <summary>What a key allows. None contains another: a key that may correct and is to read has both.</summary>
[Flags]
public enum ApiScopes
{
    None = 0,

    /// <summary>Search, listen, export.</summary>
    Read = 1,

    /// <summary>Upload and ask.</summary>
    Submit = 2,

    /// <summary>Correct, import, sort by a taxonomy, publish, delete, set webhooks up.</summary>
    Correct = 4,

    /// <summary>Keys and the audit.</summary>
    Admin = 8,

    All = Read | Submit | Correct | Admin,
}
