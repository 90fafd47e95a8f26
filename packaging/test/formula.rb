#!/usr/bin/env ruby
# frozen_string_literal: true

# Does with Homebrew's formula what brew does, in a folder, with as much of brew as it uses. Each
# system's archive is looked up and compared with its checksum; this system's is installed twice,
# with an edited configuration in between, and tested.
#
# Usage: formula.rb FORMULA FOLDER FOLDER_OF_ARCHIVES
#
# What this cannot tell: whether brew itself agrees.

require "digest"
require "fileutils"
require "open3"
require "pathname"
require "socket"

# What brew adds to paths.
class Pathname
  def install(*sources)
    mkpath
    sources.flatten.flat_map { |source| source.is_a?(Hash) ? source.to_a : [[source, File.basename(source)]] }
           .each { |from, name| install_file(Pathname(from), self/name) }
  end

  # It moves; and in etc a file that is there stays, with the new one beside it.
  def install_file(from, to)
    to = Pathname("#{to}.default") if to.to_s.include?("/etc/") && to.exist?
    FileUtils.mv(from, to)
  end
end

# Takes the answers of a `service do` block.
class Service
  attr_reader :answers

  def initialize(formula, &block)
    @formula = formula
    @answers = {}
    instance_eval(&block)
  end

  def respond_to_missing?(*) = true

  def method_missing(name, *values, **options)
    return @formula.public_send(name) if values.empty? && options.empty? && @formula.respond_to?(name)

    @answers[name] = options.empty? ? values.first : options
  end
end

# As much of brew's class as a formula for released archives uses.
class Formula
  class << self
    attr_accessor :platform, :service_block, :test_block

    def desc(text) = @desc = text
    def homepage(address) = @homepage = address
    def license(name) = @license = name
    def version(text = nil) = text ? @version = text : @version
    def url(address = nil) = address ? @url = address : @url
    def sha256(sum = nil) = sum ? @sha256 = sum : @sha256
    def on_macos = (yield if Formula.platform.start_with?("macos"))
    def on_linux = (yield if Formula.platform.start_with?("linux"))
    def on_arm = (yield if Formula.platform.end_with?("arm"))
    def on_intel = (yield if Formula.platform.end_with?("intel"))
    def service(&block) = self.service_block = block
    def test(&block) = self.test_block = block
  end

  attr_reader :prefix, :buildpath, :testpath

  def initialize(root, buildpath)
    @root = root
    @prefix = root/"Cellar/anonchat/#{version}"
    @buildpath = buildpath
    @testpath = root/"test"
    @testpath.mkpath
  end

  def version = self.class.version
  def bin = prefix/"bin"
  def opt_bin = @root/"opt/anonchat/bin"
  def man1 = prefix/"share/man/man1"
  def bash_completion = prefix/"etc/bash_completion.d"
  def fish_completion = prefix/"share/fish/vendor_completions.d"
  def zsh_completion = prefix/"share/zsh/site-functions"
  def pkgshare = prefix/"share/anonchat"
  def etc = @root/"etc"
  def var = @root/"var"

  def free_port
    server = TCPServer.new("127.0.0.1", 0)
    server.addr[1].tap { server.close }
  end

  def system(*command) = Kernel.system(*command.map(&:to_s)) || raise("failed: #{command.join(" ")}")
  def quiet_system(*command) = Kernel.system(*command.map(&:to_s), out: File::NULL, err: File::NULL)
  def spawn(program, *arguments) = Kernel.spawn(program.to_s, *arguments, err: File::NULL)
  def shell_output(command) = Open3.capture2(command).first
  def assert_match(part, whole) = whole.include?(part) || raise("#{whole.inspect} lacks #{part}")
end

# The formula's class as it is on one system.
def formula_on(platform, file)
  Object.send(:remove_const, :Anonchat) if Object.const_defined?(:Anonchat)
  Formula.platform = platform
  load file
  Anonchat
end

def archive_of(formula, archives)
  archive = Pathname(archives)/File.basename(formula.url)
  raise "no such archive: #{archive}" unless archive.exist?
  raise "wrong checksum of #{archive}" unless Digest::SHA256.file(archive).hexdigest == formula.sha256

  archive
end

def install(formula, root, archive)
  buildpath = root/"build"
  FileUtils.rm_rf([buildpath, root/"Cellar"])
  buildpath.mkpath
  Kernel.system("tar", "-xzf", archive.to_s, "-C", buildpath.to_s, "--strip-components=1", exception: true)
  formula.new(root, buildpath).tap do |installed|
    Dir.chdir(buildpath) { installed.install }
    installed.post_install
  end
end

file, folder, archives = ARGV
root = Pathname(folder)
%w[macos-arm macos-intel linux-arm linux-intel].each do |platform|
  archive_of(formula_on(platform, file), archives)
end

formula = formula_on("linux-#{RUBY_PLATFORM.start_with?("x86_64") ? "intel" : "arm"}", file)
archive = archive_of(formula, archives)
installed = install(formula, root, archive)
settings = root/"etc/anonchat/anonchat.yaml"
File.write(settings, "# mine\n", mode: "a")
installed = install(formula, root, archive)
raise "the configuration was overwritten" unless settings.read.end_with?("# mine\n")
raise "others may look into the data" unless (root/"var/lib/anonchat").stat.mode & 0o777 == 0o700

service = Service.new(installed, &formula.service_block).answers
program, *arguments = service[:run].map(&:to_s)
raise "the service runs #{program}" unless program == (installed.opt_bin/"anonchat").to_s

installed.system(installed.bin/"anonchat", *arguments[0..1], "config", "check")
raise "no caveats" if installed.caveats.empty?

installed.instance_eval(&formula.test_block)
