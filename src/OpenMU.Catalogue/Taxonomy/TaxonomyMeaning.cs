using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>What a facet of a track means by a taxonomy.</summary>
/// <param name="Terms">The terms that it gives the track.</param>
/// <param name="Doubted">The terms that it means, of which the model is less sure than their thresholds say.</param>
/// <param name="IsWord">It means no term and stands for itself, as the words of files and people do.</param>
internal readonly record struct TaxonomyMeaning(
    IReadOnlyList<TaxonomyTerm> Terms, IReadOnlyList<TaxonomyTerm> Doubted, bool IsWord)
{
    /// <summary>Of a facet, with the certainty of a model or none.</summary>
    public static TaxonomyMeaning Of(TagTaxonomy taxonomy, Facet facet)
    {
        var meant = taxonomy.MeantBy(facet.Group, facet.Value);
        if (meant.Count == 0)
            return new TaxonomyMeaning([], [], facet.Certainty is null || !taxonomy.ClosedGroups.Contains(facet.Group));
        var sure = meant.Where(term =>
            facet.Certainty is null || facet.Certainty >= Facet.StepOf(taxonomy.ThresholdOf(term))).ToList();
        return new TaxonomyMeaning(sure, [.. meant.Except(sure)], IsWord: false);
    }
}
