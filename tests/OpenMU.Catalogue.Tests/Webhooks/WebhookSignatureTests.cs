using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    // Of the specification's own tests.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    [Fact]
    public void It_is_the_one_that_the_specification_gives() => Sign(Secret).Should().Be(Signature);

    [Fact]
    public void Each_secret_signs_and_a_space_stands_between() =>
        Sign("whsec_AAAA", Secret).Split(' ').Should().HaveCount(2).And.HaveElementAt(1, Signature);

    [Fact]
    public void A_new_secret_has_256_bits_and_no_two_are_the_same()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => WebhookEndpoint.NewSecret()).ToList();

        secrets.Should().OnlyHaveUniqueItems().And.OnlyContain(secret => secret.StartsWith("whsec_")
            && Convert.FromBase64String(secret.Substring("whsec_".Length)).Length == 32);
    }

    [Fact]
    public void A_replaced_secret_signs_until_its_day_is_over()
    {
        var endpoint = new WebhookEndpoint
        {
            Tenant = "home",
            Url = "https://example.com",
            Secret = "new",
            FormerSecret = "old",
            FormerSecretUntil = Shelf.Noon,
        };

        endpoint.SecretsAt(Shelf.Noon.AddSeconds(-1)).Should().Equal("new", "old");
        endpoint.SecretsAt(Shelf.Noon).Should().Equal("new");
    }

    private static string Sign(params string[] secrets) => WebhookSignature.Sign(
        secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}");
}
