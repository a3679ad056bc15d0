//! What is linked: compositions that are made up, and real ones. Each is written as files, with the script that tells wac
//! what wcompose found by itself.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use wcompose::{Linked, Plan, Request, Source};
use wcompose_bench::{Made, generated, inputs, read};

/// A composition to link.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub name: &'static str,
    /// Whether all contestants link it, or only what is in it is looked at.
    pub linked_by_peers: bool,
    /// The compilers that it is given to, too.
    pub compilers: &'static [Compiler],
    /// Each but the last imports what it exports, or the head does.
    is_chain: bool,
    make: Make,
}

/// A compiler of the runtime.
#[derive(Clone, Copy)]
pub(crate) enum Compiler {
    Cranelift,
    /// It does not take tail calls, so not the engine of the fixtures in JavaScript.
    Winch,
}

impl Compiler {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Compiler::Cranelift => "Cranelift",
            Compiler::Winch => "Winch",
        }
    }
}

#[derive(Clone, Copy)]
enum Make {
    Generated(fn(usize) -> Result<Vec<Made>>, usize),
    Fixtures(&'static [&'static str]),
}

/// The 45 MB chain.
const LARGE: &[&str] = &["rust-app", "c-middle", "rust-middle", "js-middle", "py-middle", "py-leaf"];
const LARGE_WITHOUT_JAVASCRIPT: &[&str] = &["rust-app", "c-middle", "rust-middle", "py-middle", "py-leaf"];
const PYTHON: &[&str] = &["py-app", "py-middle", "py-leaf"];
const QUICKJS: &[&str] = &["js-middle", "js-leaf"];
const NINE: &[&str] = &[
    "rust-app",
    "c-middle",
    "cpp-middle",
    "zig-middle",
    "go-middle",
    "as-middle",
    "js-middle",
    "ts-middle",
    "py-leaf",
];

impl Work {
    /// All of them, in the order of the page.
    pub(crate) fn all() -> Vec<Work> {
        use Make::{Fixtures, Generated};
        let chain = |name, make| Work { name, linked_by_peers: true, compilers: &[], is_chain: true, make };
        let other = |name, make| Work { is_chain: false, ..chain(name, make) };
        let only_inside = |name, make| Work { linked_by_peers: false, ..chain(name, make) };
        vec![
            Work { compilers: &[Compiler::Cranelift], ..chain("the 45 MB chain", Fixtures(LARGE)) },
            Work {
                compilers: &[Compiler::Cranelift, Compiler::Winch],
                ..only_inside("the 45 MB chain without JavaScript", Fixtures(LARGE_WITHOUT_JAVASCRIPT))
            },
            chain("chain of 100", Generated(generated::chain, 100)),
            chain("chain of 300", Generated(generated::chain, 300)),
            chain("chain of 490", Generated(generated::chain, 490)),
            chain("chain of 900", Generated(generated::chain, 900)),
            chain("900 components of one definition each", Generated(generated::counters, 900)),
            other("wide: 300 providers of one consumer", Generated(generated::wide, 300)),
            other("wide: 900 providers of one consumer", Generated(generated::wide, 900)),
            other("a binary tree of 255", Generated(generated::tree, 255)),
            other("one interface of 2,000 functions", Generated(generated::functions, 2_000)),
            only_inside("three Python components", Fixtures(PYTHON)),
            only_inside("two QuickJS components", Fixtures(QUICKJS)),
            only_inside("the nine-language chain", Fixtures(NINE)),
        ]
    }

    /// Its components.
    pub(crate) fn make(&self) -> Result<Vec<Made>> {
        match self.make {
            Make::Generated(make, size) => make(size),
            Make::Fixtures(names) => read(names),
        }
    }

    /// Writes its components and the script into a folder of its own below `around`.
    pub(crate) fn write(&self, made: &[Made], around: &Path) -> Result<Place> {
        let folder = around.join(self.name.replace([' ', ':', ','], "-"));
        fs::create_dir_all(&folder)?;
        let mut all = Vec::new();
        for Made { name, bytes } in made {
            let file = folder.join(format!("{name}.wasm"));
            fs::write(&file, bytes)?;
            all.push(file);
        }
        let inputs = inputs(made)?;
        let Linked::Done { plan, .. } = wcompose::link(&inputs, &Request::default()) else {
            bail!("the link failed");
        };
        fs::write(folder.join("script.wac"), script(&plan))?;
        let packages = plan.steps.iter().enumerate();
        let packages = packages.map(|(place, step)| {
            (format!("bench:{}", name(place)), folder.join(format!("{}.wasm", step.name)))
        });
        Ok(Place { packages: packages.collect(), inputs: all, is_chain: self.is_chain, folder })
    }
}

/// Where a composition lies.
pub(crate) struct Place {
    folder: PathBuf,
    /// Its components in their order.
    pub inputs: Vec<PathBuf>,
    /// The package that the script calls each component by.
    pub packages: Vec<(String, PathBuf)>,
    pub is_chain: bool,
}

impl Place {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// What the script calls a step: `s8` and the like would be types.
fn name(step: usize) -> String {
    format!("step{step}")
}

/// The plan in the language of wac.
fn script(plan: &Plan) -> String {
    let mut text = String::from("package bench:out;\n");
    for (place, step) in plan.steps.iter().enumerate() {
        let name = name(place);
        _ = writeln!(text, "let {name} = new bench:{name} {{");
        for argument in &step.arguments {
            if let Source::Export(from) = &argument.source {
                _ = writeln!(
                    text,
                    "    \"{}\": {}[\"{}\"],",
                    argument.name,
                    self::name(from.step),
                    from.name
                );
            }
        }
        text.push_str("    ...\n};\n");
    }
    for export in &plan.exports {
        _ = writeln!(text, "export {}[\"{}\"];", name(export.source.step), export.source.name);
    }
    text
}
