/** A page that has only something to say, and where it leads. */
export function Message({
  title,
  text,
  links,
}: {
  readonly title: string;
  readonly text: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
}) {
  return (
    <section aria-label="Message">
      <h1>{title}</h1>
      <p>{text}</p>
      {links.map((link) => (
        <p>
          <a href={link.href}>{link.text}</a>
        </p>
      ))}
    </section>
  );
}
