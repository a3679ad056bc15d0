//! Compositions of more instances than a runtime allows in one component: they are divided over nested ones, and only
//! they. And of more than it lets one instance call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use wcompose::{
    Annotations, BridgeRequest, Change, Composition, CompositionInstance, Consent, Facing, Input, Inputs,
    InstanceName, Linked, Pattern, Request, Size, Wire, recolour,
};
use wcompose_bench::{Made, generated};
use wcompose_run::{Sandbox, Task, Verdict};
use wcompose_tests::{Guest, from_wit, patient, printed};
use wcompose_wit::ExternName;

/// The composition, and how deep its scopes stand in each other.
fn divided(guests: &[Guest], request: &Request) -> (Vec<u8>, u32) {
    let inputs = guests.iter().map(|guest| Input {
        name: InstanceName::new(guest.name()).unwrap(),
        file: guest.name().into(),
        bytes: guest.content(),
    });
    let inputs = Inputs::new(inputs.collect()).unwrap();
    let linked = wcompose::link(&inputs, request);
    let Linked::Done { plan, output, .. } = linked else { panic!("{:?}", linked.diagnostics()) };
    (output.to_vec(), 1 + plan.scope.all().iter().map(|(around, _)| *around).max().unwrap())
}

/// Middleware around an interface that hands out a resource which the last link defines.
fn things(links: usize) -> Vec<Guest> {
    let of = |world: &str| {
        let text = format!(
            "package demo:case;
            world guest {{ {world} }}
            interface types {{ resource thing; }}
            interface api {{ use types.{{thing}}; take: func() -> thing; }}"
        );
        from_wit(&text).unwrap()
    };
    let middle = of("import types; import api; export api;");
    let middles = (1..links).map(|place| Guest::bytes(&format!("m{place:03}"), &middle));
    middles.chain([Guest::bytes("leaf", &of("export types; export api;"))]).collect()
}

/// Twice as many providers as `half` behind two that gather for a third what these say.
fn gathered(half: usize) -> Vec<Guest> {
    let interface = |name: &String| format!("interface {name} {{ say: func() -> string; }}\n");
    let guest = |name: &str, imports: &[String], exports: &[String]| {
        let interfaces = imports.iter().chain(exports).map(interface).collect::<String>();
        let imports = imports.iter().map(|name| format!("import {name}; ")).collect::<String>();
        let exports = exports.iter().map(|name| format!("export {name}; ")).collect::<String>();
        let world = format!("world of {{ {imports} {exports} export go-{name}: func(); }}");
        Guest::bytes(name, &from_wit(&format!("package demo:x;\n{interfaces} {world}")).unwrap())
    };
    let sides = ["left".to_owned(), "right".to_owned()];
    let mut guests = vec![guest("head", &sides, &[])];
    for side in sides {
        let names = (0..half).map(|place| format!("{side}{place}")).collect::<Vec<_>>();
        guests.extend(names.iter().map(|name| guest(name, &[], std::slice::from_ref(name))));
        guests.push(guest(&side, &names, std::slice::from_ref(&side)));
    }
    guests
}

/// What fits in one component stays there.
#[test]
fn what_fits_is_not_divided() {
    assert_eq!(divided(&things(490), &Request::default()).1, 1);
}

/// A scope exports also those of its instances whose types the others mention, or no one outside could name them.
#[test]
fn types_come_out_of_scopes() {
    assert_eq!(divided(&things(700), &Request::default()).1, 2);
    assert_eq!(divided(&things(700), &Request { keep_copies: true, ..Request::default() }).1, 2);
}

/// The runtime compiles the calls of one instance to 99 others with data in memory, and panics at one more: so it is not linked.
#[test]
fn one_instance_calls_so_many_others_with_data_in_memory() {
    let guests = Guest::made(generated::wide_in_memory(99).unwrap());
    let (composition, _) = divided(&guests, &Request::default());
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_wcompose-subject").into());
    let subject = sandbox.subject(&composition);
    let outcome = sandbox.run(&subject, Task::Compile, &patient(), &mut |_, _| ()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Returned);

    let made = generated::wide_in_memory(100).unwrap();
    let inputs = wcompose_bench::inputs(&made).unwrap();
    let linked = wcompose::link(&inputs, &Request::default());
    let codes = linked.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect::<Vec<_>>();
    assert_eq!(codes, ["target-limit"]);
    // What stands between has one memory for the calls of many.
    let between = divided(&gathered(60), &Request::default()).0;
    let outcome = sandbox.run(&sandbox.subject(&between), Task::Compile, &patient(), &mut |_, _| ()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Returned);
}

/// 900 links: more than the 490 that fit in one component. They load, run, and each adds what it should.
#[test]
fn nine_hundred_links_run() {
    let guests = Guest::made(generated::counters(900).unwrap());
    let (composition, depth) = divided(&guests, &Request::default());
    assert_eq!(depth, 2);
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// 900 providers of one consumer: what they export fits in one component, but not they themselves beside it.
#[test]
fn nine_hundred_providers_of_one_consumer_run() {
    let (composition, depth) = divided(&Guest::made(generated::wide(900).unwrap()), &Request::default());
    assert_eq!(depth, 2);
    // Read again, it is as if it were one component.
    let read = Composition::read(&composition).unwrap().instances;
    let [CompositionInstance { arguments, .. }] = &read[900..] else { panic!("{} instances", read.len()) };
    let from = |place| format!("p{place:03}:demo:x/p{place:03}");
    assert!(
        arguments.iter().enumerate().all(|(place, argument)| argument.from == from(place)),
        "{arguments:?}"
    );
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// Adapters count as instances and are divided as these are, whether definitions are shared or not. One consumer has its
/// adapters beside itself, so it has fewer providers with than without.
#[test]
fn adapters_of_one_consumer_run() {
    let mut made = generated::wide(450).unwrap();
    let count = |made: &Made| change(Facing::Import, &format!("demo:x/{}", made.name), "count");
    let run = Change {
        renamed: Some(ExternName::new("wasi:cli/run@0.3.0")),
        ..change(Facing::Export, "wasi:cli/run@0.2.0", "run")
    };
    let changes = made[1..].iter().map(count).chain([run]).collect::<Vec<_>>();
    made[0].bytes = recolour(&made[0].bytes, &changes).unwrap();
    let guests = Guest::made(made);
    for keep_copies in [false, true] {
        let request = Request { bridge: BridgeRequest::Adapter, keep_copies, ..Request::default() };
        let (composition, depth) = divided(&guests, &request);
        assert_eq!(depth, 2);
        assert_eq!(printed(&composition, &patient()).unwrap(), "");
    }
}

fn change(side: Facing, item: &str, function: &str) -> Change {
    Change { side, item: ExternName::new(item), path: vec![function.into()], renamed: None }
}

/// An adapter before each of 900 links. They load; the first call traps, since a function that makes an asynchronous call
/// itself does not return at once in wasmtime 48.
#[test]
fn nine_hundred_adapters_load() {
    let mut made = generated::counters(900).unwrap();
    for link in &mut made[1..] {
        link.bytes = recolour(&link.bytes, &[change(Facing::Export, "demo:x/count", "count")]).unwrap();
    }
    let request = Request { bridge: BridgeRequest::Adapter, ..Request::default() };
    let (composition, depth) = divided(&Guest::made(made), &request);
    assert_eq!(depth, 3);
    let Verdict::Trapped { frames, .. } = wcompose_run::run(&composition, &patient()).unwrap().verdict else {
        panic!("the first link does not return at once")
    };
    assert_eq!(
        frames[0].function.as_deref(),
        Some("`head` called `demo:x/count#count` of `m000`, which did not return at once")
    );
}

/// Middleware whose functions have other names on the two sides, and another effect, around a resource of the last link.
#[test]
fn renamed_functions_behind_adapters_come_out_of_scopes() {
    let of = |world: &str| {
        let text = format!(
            "package demo:case;
            world guest {{ {world} }}
            interface types {{ resource thing {{ constructor(); look: func(); }} }}
            interface client {{ use types.{{thing}}; send: async func(t: borrow<thing>) -> thing; }}
            interface handler {{ use types.{{thing}}; handle: func(t: borrow<thing>) -> thing; }}"
        );
        from_wit(&text).unwrap()
    };
    let middle = of("import types; import client; export handler;");
    let middles = (1..700).map(|place| Guest::bytes(&format!("m{place:03}"), &middle));
    let guests =
        middles.chain([Guest::bytes("m700", &of("export types; export handler;"))]).collect::<Vec<_>>();
    let wires =
        (1..700).map(|place| format!("m{place:03}:client=m{:03}:handler", place + 1).parse().unwrap());
    let wires = wires.collect::<Vec<Wire>>();
    for (bridge, keep_copies) in
        [(BridgeRequest::Adapter, false), (BridgeRequest::Adapter, true), (BridgeRequest::Recolour, false)]
    {
        let (wires, roots) = (wires.clone(), vec!["m001".into()]);
        let request =
            Request { wires, roots, bridge, keep_copies, recolour: Consent::All, ..Request::default() };
        assert!(divided(&guests, &request).1 >= 2, "{bridge:?}");
    }
}

/// A tree is divided into its branches.
#[test]
fn a_large_tree_runs() {
    assert_eq!(divided(&Guest::made(generated::tree(255).unwrap()), &Request::default()).1, 1);
    let (composition, depth) = divided(&Guest::made(generated::tree(900).unwrap()), &Request::default());
    assert_eq!(depth, 2);
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// The same with a real guest, whose calls are async and whose streams go through every link.
#[test]
fn nine_hundred_links_in_c_run() {
    let middle = Guest::fixture("c-middle").unwrap();
    let middles = (0..898).map(|place| middle.clone().named(&format!("m{place:03}")));
    let ends = ["rust-app", "c-leaf"].map(|name| Guest::fixture(name).unwrap());
    let [head, leaf] = ends;
    let guests = [head].into_iter().chain(middles).chain([leaf]).collect::<Vec<_>>();
    // Its provenance, which names each link, is as long as all else.
    let (composition, _) = divided(&guests, &Request { omit_provenance: true, ..Request::default() });
    assert!(composition.len() < 300_000, "one definition for all");
    let expected = format!(
        "greet: {}world{}\nnumbers: [89800, 89801, 89802, 89803, 89804]\ntotal: 10\n",
        "c(".repeat(899),
        ")".repeat(899)
    );
    let mut options = patient();
    // Each link has a memory of its own.
    options.limits.linear_memory = None;
    assert_eq!(printed(&composition, &options).unwrap(), expected);
}

/// Imports of the composition all stand in its outermost component, so dividing does not help: that is an error, not
/// output that cannot be loaded.
#[test]
fn too_many_imports_are_an_error() {
    let imports = |of: &str| {
        let imports = (0..600).map(|place| format!("(import \"demo:{of}/i{place}\" (instance))"));
        Guest::text(of, &format!("(component {})", imports.collect::<String>())).unwrap()
    };
    let guests = [imports("x"), imports("y")];
    let inputs = guests.iter().map(|guest| Input {
        name: InstanceName::new(guest.name()).unwrap(),
        file: guest.name().into(),
        bytes: guest.content(),
    });
    let inputs = Inputs::new(inputs.collect()).unwrap();
    let roots = ["x", "y"].map(str::to_owned).to_vec();
    let request = Request { roots, allow_imports: vec![Pattern::new("*")], ..Request::default() };
    let linked = wcompose::link(&inputs, &request);
    assert!(matches!(linked, Linked::Unresolved { .. }));
    let codes = linked.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect::<Vec<_>>();
    assert_eq!(codes, ["target-limit"]);
    assert_eq!(
        linked.diagnostics()[0].notes,
        [
            "counted are 2 instances, 1200 imports and 0 exports that others are given",
            "most is given to `x` (x), which imports 600"
        ]
    );
}

/// Newer runtimes count what is defined in all. Sharing keeps a chain below that, and without it the user is told.
#[test]
fn newer_runtimes_load_less() {
    let warnings = |keep_copies| {
        let guests = things(490);
        let inputs = guests.iter().map(|guest| Input {
            name: InstanceName::new(guest.name()).unwrap(),
            file: guest.name().into(),
            bytes: guest.content(),
        });
        let inputs = Inputs::new(inputs.collect()).unwrap();
        let linked = wcompose::link(&inputs, &Request { keep_copies, ..Request::default() });
        linked.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect::<Vec<_>>()
    };
    assert_eq!(warnings(false), [""; 0]);
    assert_eq!(warnings(true), ["target-limit"]);
}

/// The components that hold others are named, or the tree of `wcompose size` would say nothing of most of the bytes.
#[test]
fn scopes_are_named() {
    let (composition, _) = divided(&things(700), &Request::default());
    let nested = Size::read(&composition).unwrap().nested;
    let named = |size: &&Size| size.name.as_deref() == Some("inner");
    assert_eq!(nested.iter().filter(named).count(), 1, "{:?}", nested.last());
}

/// What tools wrote into an input is found, whichever of several scopes it stands in.
#[test]
fn annotations_are_found_in_every_scope() {
    let described = |Made { name, bytes }: Made| {
        let text = [&[11], b"description".as_slice(), name.as_bytes()].concat();
        Guest::bytes(&name, &[bytes, vec![0, u8::try_from(text.len()).unwrap()], text].concat())
    };
    let guests = generated::wide(900).unwrap().into_iter().map(described).collect::<Vec<_>>();
    let annotations = Annotations::read(&divided(&guests, &Request::default()).0).unwrap();
    for guest in &guests {
        let texts = annotations.own(&[guest.name()]).texts;
        assert_eq!(texts.get("description").map(String::as_str), Some(guest.name()));
    }
}
