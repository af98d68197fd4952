using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Requests;

namespace OpenMU.Functions;

/// <summary>
/// What is to be done for questions by a clock: take in what partners ask on their queues, move on what waits, and
/// forget old requests.
/// </summary>
public sealed class QuestionSweep(PartnerQueues partners, WaitingQuestions waiting, KeyedRequests requests)
{
    /// <summary>Does all that can be done now, for some minutes at most.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await partners.DrainAsync(cancel);
        await waiting.RunAsync(cancel);
        await requests.SweepAsync(cancel);
    }
}
