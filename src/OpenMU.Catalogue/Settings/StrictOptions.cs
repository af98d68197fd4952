using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace OpenMU.Catalogue.Settings;

/// <summary>
/// Options that are bound to a section of the configuration and take nothing they do not know: a misspelt name, a value
/// of the wrong kind and a value out of its range stop the program at its start, with one line that names the setting
/// and says what is allowed.
/// </summary>
public static class StrictOptions
{
    /// <summary>The words of a <see cref="RangeAttribute"/>.</summary>
    public const string Between = "must lie between {1} and {2}";

    /// <summary>The words of a <see cref="RequiredAttribute"/>.</summary>
    public const string Needed = "must be set";

    /// <summary>
    /// Binds a section. The options are there as <see cref="IOptions{T}"/> and as <typeparamref name="T"/> itself.
    /// </summary>
    /// <typeparam name="T">What the section says, with data annotations.</typeparam>
    /// <param name="services">The program's services.</param>
    /// <param name="configuration">The program's configuration.</param>
    /// <param name="section">The section's name, such as <c>Worker</c> for <c>Worker__parallelism</c>.</param>
    public static IServiceCollection AddStrictOptions<T>(
        this IServiceCollection services, IConfiguration configuration, string section)
        where T : class
    {
        var binder = new Binder<T>(configuration.GetSection(section));
        services.AddSingleton<IConfigureOptions<T>>(binder);
        services.AddSingleton<IValidateOptions<T>>(binder);
        services.AddOptions<T>().ValidateOnStart();
        return services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
    }

    /// <summary>Reads a section at once, for what must be known before there are services.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong; each failure is one line.</exception>
    public static T Read<T>(IConfiguration configuration, string section)
        where T : class, new()
    {
        var binder = new Binder<T>(configuration.GetSection(section));
        var options = new T();
        binder.Configure(options);
        var result = binder.Validate(null, options);
        return result.Succeeded ? options : throw new OptionsValidationException("", typeof(T), result.Failures);
    }

    private sealed class Binder<T>(IConfigurationSection section) : IConfigureOptions<T>, IValidateOptions<T>
        where T : class
    {
        private static readonly PropertyInfo[] Properties =
            [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is { IsPublic: true })];

        public void Configure(T options)
        {
            foreach (var setting in section.GetChildren())
            {
                if (Find(setting.Key) is { } property && TryConvert(setting, property.PropertyType, out var value))
                    property.SetValue(options, value);
            }
        }

        public ValidateOptionsResult Validate(string? name, T options)
        {
            var faults = section.GetChildren().Select(FaultOf).OfType<string>().ToList();
            var results = new List<ValidationResult>();
            if (faults.Count == 0
                && !Validator.TryValidateObject(options, new(options), results, validateAllProperties: true))
                faults.AddRange(results.Select(result => $"{Member(result, options)} {result.ErrorMessage}."));
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        private static PropertyInfo? Find(string key) =>
            Properties.FirstOrDefault(property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase));

        private static string Spelt(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

        private string? FaultOf(IConfigurationSection setting)
        {
            if (Find(setting.Key) is not { } property)
            {
                var known = string.Join(", ", Properties.Select(p => Spelt(p.Name)).Order(StringComparer.Ordinal));
                return $"{section.Key}__{setting.Key}: there is no such setting; {section.Key}__ goes with {known}.";
            }

            return TryConvert(setting, property.PropertyType, out _)
                ? null
                : $"{section.Key}__{Spelt(property.Name)}={setting.Value} must be {Kind(property.PropertyType)}.";
        }

        // Texts may be secrets, such as a connection string, and are not repeated.
        private string Member(ValidationResult result, T options)
        {
            var member = result.MemberNames.FirstOrDefault() ?? "";
            var value = Find(member)?.GetValue(options);
            var shown = value is null or string or Uri ? "" : "=" + FormattableString.Invariant($"{value}");
            return $"{section.Key}__{Spelt(member)}{shown}";
        }

        private static bool TryConvert(IConfigurationSection setting, Type type, out object? value)
        {
            try
            {
                value = setting.Get(type);
                return setting.Value is not null && (value is not null || setting.Value.Length == 0);
            }
            catch (InvalidOperationException)
            {
                value = null;
                return false;
            }
        }

        private static string Kind(Type type)
        {
            var plain = Nullable.GetUnderlyingType(type) ?? type;
            if (plain.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(plain))}";
            if (plain == typeof(bool)) return "true or false";
            if (plain == typeof(int) || plain == typeof(long)) return "a whole number";
            if (plain == typeof(double)) return "a number";
            if (plain == typeof(TimeSpan)) return "a duration such as 00:01:00";
            return plain == typeof(Uri) ? "an address" : "a text";
        }
    }
}
