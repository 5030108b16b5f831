//! What is told of a command line that is not understood.
//!
//! The word that was wrong may be a seed, a code, or a hidden detail whose option was forgotten. So
//! nothing of the line is repeated, and nothing that the parser made of it: only what this program
//! brought along itself, the names of its options and commands.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use txotp_store::{KeyError, NameError, StoreError};

use crate::cli::{Cli, UNUSABLE};
use crate::error::Error;
use crate::output::{Color, Output};

/// Prints help, version or what is wrong with the command line.
pub(crate) fn tell(error: &clap::Error) -> ExitCode {
    let words = Words::of_this_run();
    let help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if error.exit_code() == 0 || (help && !words.json) {
        // Where neither output is open there is nobody to tell.
        let _ = error.print();
    } else {
        Output::new(words.json, Color::Auto).error(&explain(error, &words));
    }
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ => UNUSABLE.into(),
    }
}

/// What matters of the words of the command line before they are understood.
struct Words {
    json: bool,
    /// The names of the command among them, from the outermost on.
    command: String,
}

impl Words {
    fn of_this_run() -> Self {
        let words: Vec<_> = std::env::args_os()
            .skip(1)
            .take_while(|word| word != "--")
            .collect();
        let root = Cli::command();
        let mut command = &root;
        let mut names = Vec::new();
        for word in &words {
            if let Some(inner) = command.find_subcommand(word) {
                command = inner;
                names.push(inner.get_name());
            }
        }
        if names.is_empty() {
            names.push("COMMAND");
        }
        Self {
            json: words.iter().any(|word| word == "--json"),
            command: names.join(" "),
        }
    }
}

fn explain(error: &clap::Error, words: &Words) -> Error {
    let names = Names::all();
    let message = message(error, &names);
    let suggestion = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .flat_map(|kind| names.known(error, kind))
        .next();
    let command = &words.command;
    let advice = match suggestion {
        Some(name) => format!("there is {name}; see `txotp help {command}`"),
        None => format!("see `txotp help {command}`"),
    };
    Error::new(message, advice)
}

fn message(error: &clap::Error, names: &Names) -> String {
    let given = names.known(error, ContextKind::InvalidArg);
    let name = given.first().map_or("an option", String::as_str);
    match error.kind() {
        ErrorKind::UnknownArgument if !begins_with_hyphen(error) => {
            "there is one argument too many".to_owned()
        }
        ErrorKind::UnknownArgument if given.is_empty() => "there is no such option".to_owned(),
        ErrorKind::UnknownArgument => format!("{name} is no option here"),
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::InvalidValue if is_empty(error) => format!("{name} has no value"),
        ErrorKind::InvalidValue => {
            let choices = names.known(error, ContextKind::ValidValue).join(", ");
            format!("the value of {name} is none of {choices}")
        }
        ErrorKind::ValueValidation => match (range(error), refusal(error)) {
            (Some(range), _) => format!("the value of {name} is not in {range}"),
            (None, Some(refusal)) => format!("the value of {name} cannot be used: {refusal}"),
            (None, None) => format!("the value of {name} cannot be used"),
        },
        ErrorKind::TooManyValues => format!("{name} takes no value"),
        ErrorKind::ArgumentConflict => {
            let others = names.known(error, ContextKind::PriorArg);
            if others.is_empty() || others == given {
                format!("{name} is given twice")
            } else {
                let others = others.join(", ");
                format!("{name} and {others} cannot be given together")
            }
        }
        ErrorKind::MissingRequiredArgument if !given.is_empty() => {
            format!("{} is missing", given.join(", "))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "there is no command".to_owned()
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the command line is not understood".to_owned(),
    }
}

fn begins_with_hyphen(error: &clap::Error) -> bool {
    text(error, ContextKind::InvalidArg).is_some_and(|word| word.starts_with('-'))
}

fn is_empty(error: &clap::Error) -> bool {
    text(error, ContextKind::InvalidValue).is_some_and(str::is_empty)
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

/// The range that a number is not in. The parser's own sentence begins with the number.
fn range(error: &clap::Error) -> Option<String> {
    let source = std::error::Error::source(error)?.to_string();
    let (_, range) = source.rsplit_once(" is not in ")?;
    Some(range.to_owned())
}

/// Why a type of the store refused a value, which none of them repeats.
fn refusal(error: &clap::Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    let name = source.downcast_ref::<NameError>().map(ToString::to_string);
    let key = || source.downcast_ref::<KeyError>().map(ToString::to_string);
    let store = || source.downcast_ref::<StoreError>().map(ToString::to_string);
    name.or_else(key).or_else(store)
}

/// All that a message may name: options, arguments, commands and their choices.
struct Names(Vec<String>);

impl Names {
    fn all() -> Self {
        let mut root = Cli::command();
        root.build();
        let mut names = Vec::new();
        collect(&root, &mut names);
        Self(names)
    }

    /// What an error says of this kind, as far as it is a name.
    fn known(&self, error: &clap::Error, kind: ContextKind) -> Vec<String> {
        let words = match error.get(kind) {
            Some(ContextValue::String(word)) => std::slice::from_ref(word),
            Some(ContextValue::Strings(words)) => words,
            _ => &[],
        };
        let known = words.iter().filter(|word| self.0.contains(word));
        known.cloned().collect()
    }
}

fn collect(command: &Command, names: &mut Vec<String>) {
    for argument in command.get_arguments() {
        names.push(argument.to_string());
        names.extend(argument.get_long().map(|long| format!("--{long}")));
        names.extend(argument.get_short().map(|short| format!("-{short}")));
        let choices = argument.get_possible_values();
        names.extend(choices.iter().map(|choice| choice.get_name().to_owned()));
    }
    for group in command.get_groups() {
        let members = group.get_args().filter_map(|id| {
            let mut arguments = command.get_arguments();
            arguments.find(|argument| argument.get_id() == id)
        });
        let members: Vec<_> = members.map(ToString::to_string).collect();
        // As the parser writes a choice.
        names.push(format!("<{}>", members.join("|")));
    }
    for command in command.get_subcommands() {
        names.push(command.get_name().to_owned());
        collect(command, names);
    }
}
